import { Global, Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { CursorCodec } from './cursor-codec.js';

/** Provides the `CursorCodec` everywhere. */
@Global()
@Module({})
export class PaginationModule {
  /** @param secret where the secret of the cursors comes from */
  static forRoot(secret: Pick<FactoryProvider<string>, 'inject' | 'useFactory'>): DynamicModule {
    const codec: FactoryProvider<CursorCodec> = {
      provide: CursorCodec,
      inject: secret.inject ?? [],
      useFactory: async (...dependencies: unknown[]) => new CursorCodec(await secret.useFactory(...dependencies)),
    };
    return { module: PaginationModule, providers: [codec], exports: [CursorCodec] };
  }
}
