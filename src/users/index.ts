export { RenameDto } from './dto/rename.dto.js';
export { UserDto } from './dto/user.dto.js';
export type { User } from './user.entity.js';
export { EmailTakenError, NicknameTakenError, UserNotFoundError } from './users.errors.js';
export { UserRenamed, UserWithdrawn } from './users.events.js';
export { UsersModule } from './users.module.js';
export { UsersService, type Credentials, type Permissions } from './users.service.js';
