import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import {
  ApiProblems, CurrentUser, ForbiddenError, InvalidCursorError, PageQueryDto, Roles, type AuthUser,
} from '../common/index.js';
import { AdminCachesService } from './admin-caches.service.js';
import { CacheNotFoundError } from './admin.errors.js';
import { CacheEntryPageDto } from './dto/cache-entry-page.dto.js';
import { CacheListDto } from './dto/cache-list.dto.js';

const NAME = {
  name: 'name',
  description: 'Name of the cache, as `listCaches` gives it.',
  schema: { type: 'string', maxLength: 100 },
  example: 'place',
} as const;
const KEY = {
  name: 'key',
  description: 'Key of the entry, as `listCacheEntries` gives it; percent-encoded in the URL, as every path segment.',
  schema: { type: 'string', maxLength: 200 },
  example: '42',
} as const;

@ApiTags('admin')
@Roles('admin')
@Controller('admin/caches')
export class AdminCachesController {
  constructor(private readonly caches: AdminCachesService) {}

  /** The caches, and what each has done in the process that answers since it started. */
  @ApiProblems(ForbiddenError)
  @Get()
  async listCaches(): Promise<CacheListDto> {
    return CacheListDto.from(await this.caches.list());
  }

  /**
   * What a cache keeps, in no particular order.
   *
   * A page can be short, even empty, before the last: each looks at a bounded number of keys, so that Redis is never
   * held up. What is kept or evicted while you page may be missed or come twice.
   */
  @ApiParam(NAME)
  @ApiProblems(ForbiddenError, CacheNotFoundError, InvalidCursorError)
  @Get(':name/entries')
  async listCacheEntries(
    @Param('name') name: string,
    @Query() { limit, cursor }: PageQueryDto,
  ): Promise<CacheEntryPageDto> {
    return CacheEntryPageDto.from(await this.caches.listEntries(name, limit, cursor));
  }

  /** Evict everything a cache keeps, for all instances at once. */
  @ApiParam(NAME)
  @ApiProblems(ForbiddenError, CacheNotFoundError)
  @Delete(':name')
  @HttpCode(204)
  async evictCache(@Param('name') name: string, @CurrentUser() admin: AuthUser): Promise<void> {
    await this.caches.evictAll(name, admin);
  }

  /** Evict one entry, for all instances at once; fine when it is not there. */
  @ApiParam(NAME)
  @ApiParam(KEY)
  @ApiProblems(ForbiddenError, CacheNotFoundError)
  @Delete(':name/entries/:key')
  @HttpCode(204)
  async evictCacheEntry(
    @Param('name') name: string,
    @Param('key') key: string,
    @CurrentUser() admin: AuthUser,
  ): Promise<void> {
    await this.caches.evict(name, key, admin);
  }
}
