export { CursorCodec } from './cursor-codec.js';
export { InvalidCursorError } from './invalid-cursor.error.js';
export type { Page, PageRequest, Position, Slice } from './page.js';
export { PageQueryDto } from './page-query.dto.js';
export { PaginationModule } from './pagination.module.js';
