import { Global, Module } from '@nestjs/common';

/** Makes the cache decorators work on every provider of the application: import it once, in the root module. */
@Global()
@Module({})
export class CacheModule {}
