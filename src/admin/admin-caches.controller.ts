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
  description: 'Name of the cache, as returned by `listCaches`.',
  schema: { type: 'string', maxLength: 100 },
  example: 'place',
} as const;
const KEY = {
  name: 'key',
  description: 'Key of the entry, as returned by `listCacheEntries`; percent-encoded in the URL.',
  schema: { type: 'string', maxLength: 200 },
  example: '42',
} as const;

@ApiTags('admin')
@Roles('admin')
@Controller('admin/caches')
export class AdminCachesController {
  constructor(private readonly caches: AdminCachesService) {}

  /**
   * List the caches and their statistics.
   *
   * Statistics are those of the instance that responds, since its start.
   */
  @ApiProblems(ForbiddenError)
  @Get()
  async listCaches(): Promise<CacheListDto> {
    return CacheListDto.from(await this.caches.list());
  }

  /**
   * List the entries of a cache.
   *
   * The order is undefined. Pages before the last may be short or empty, because each scans a bounded number of keys.
   * Entries stored or evicted while you page may be missing or repeated.
   */
  @ApiParam(NAME)
  @ApiProblems(ForbiddenError, CacheNotFoundError, InvalidCursorError)
  @Get(':name/entries')
  async listCacheEntries(
    @Param('name') name: string,
    @Query() query: PageQueryDto,
  ): Promise<CacheEntryPageDto> {
    return CacheEntryPageDto.from(await this.caches.listEntries(name, query));
  }

  /**
   * Evict all entries of a cache.
   *
   * Takes effect on all instances immediately.
   */
  @ApiParam(NAME)
  @ApiProblems(ForbiddenError, CacheNotFoundError)
  @Delete(':name')
  @HttpCode(204)
  async evictCache(@Param('name') name: string, @CurrentUser() admin: AuthUser): Promise<void> {
    await this.caches.evictAll(name, admin);
  }

  /**
   * Evict one entry of a cache.
   *
   * Takes effect on all instances immediately. Succeeds even if the entry does not exist.
   */
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
