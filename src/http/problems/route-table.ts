import type { HTTPMethods } from 'fastify';
import FindMyWay from 'find-my-way';

/** All methods and paths of the server; distinguishes a wrong method (405) from an unknown path (404). */
export class RouteTable {
  private readonly routers = new Map<string, FindMyWay.Instance<FindMyWay.HTTPVersion.V1>>();

  add(methods: HTTPMethods | HTTPMethods[], url: string): void {
    // A catch-all route responds 404 itself, and would make every path known.
    if (url === '*' || url === '/*') return;
    for (const method of [methods].flat()) {
      const router = this.routers.get(method) ?? FindMyWay();
      this.routers.set(method, router);
      if (!router.hasRoute('GET', url)) router.on('GET', url, () => undefined);
    }
  }

  /** Methods that the URL supports, in alphabetical order; empty when the path is unknown. */
  methodsOf(url: string): string[] {
    const methods = [...this.routers].filter(([, router]) => router.find('GET', pathOf(url)) !== null);
    return methods.map(([method]) => method).sort();
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}
