import type { FastifyInstance, HTTPMethods } from 'fastify';
import FindMyWay from 'find-my-way';

/** Every method and path the server has, to tell a wrong method (405) from an unknown address (404). */
export class RouteTable {
  private readonly routers = new Map<string, FindMyWay.Instance<FindMyWay.HTTPVersion.V1>>();

  /** Listens to the routes a server is given; to be called before the first. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) this.add(each, url);
    });
  }

  /** Methods the address takes, in alphabetical order; none when the address is unknown. */
  methodsOf(url: string): string[] {
    const methods = [...this.routers].filter(([, router]) => router.find('GET', pathOf(url)) !== null);
    return methods.map(([method]) => method).sort();
  }

  private add(method: HTTPMethods, url: string): void {
    // A catch-all answers 404 itself: it would make every address known.
    if (url === '*' || url === '/*') return;
    const router = this.routers.get(method) ?? FindMyWay();
    this.routers.set(method, router);
    if (!router.hasRoute('GET', url)) router.on('GET', url, () => undefined);
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}
