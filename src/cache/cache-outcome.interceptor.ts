import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Observable, tap } from 'rxjs';
import type { AuthUser } from '../common/index.js';
import { currentCacheOutcome, runWithCacheOutcome } from './runtime/call-scope.js';

interface Reply {
  header(name: string, value: string): unknown;
}

/**
 * Opens the scope of a request in which cached calls tell their outcome, and says the worst of them in `X-Cache`. An
 * answer for which no cached method was called has no such header.
 */
@Injectable()
export class CacheOutcomeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { user } = context.switchToHttp().getRequest<{ readonly user?: AuthUser }>();
    const reply = context.switchToHttp().getResponse<Reply>();
    const tell = () => {
      const outcome = currentCacheOutcome();
      if (outcome !== undefined) reply.header('X-Cache', outcome);
    };
    return new Observable((subscriber) =>
      runWithCacheOutcome(() => next.handle().pipe(tap({ next: tell, error: tell })).subscribe(subscriber), user?.id),
    );
  }
}
