import { Global, Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { CursorCodec } from './cursor-codec.js';

type Secrets = ConstructorParameters<typeof CursorCodec>[0];

/** Provides the `CursorCodec` globally. */
@Global()
@Module({})
export class PaginationModule {
  /** @param secrets provider of the cursor secrets; the first signs, all are accepted */
  static forRoot(secrets: Pick<FactoryProvider<Secrets>, 'inject' | 'useFactory'>): DynamicModule {
    const codec: FactoryProvider<CursorCodec> = {
      provide: CursorCodec,
      inject: secrets.inject ?? [],
      useFactory: async (...dependencies: unknown[]) => new CursorCodec(await secrets.useFactory(...dependencies)),
    };
    return { module: PaginationModule, providers: [codec], exports: [CursorCodec] };
  }
}
