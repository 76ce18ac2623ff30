import { PartialType } from '@nestjs/swagger';
import { CreatePlaceDto } from './create-place.dto.js';

/** Changes to a place: any of its fields; null clears `phone`, `homepage`, `kakaoId` or `openingHours`. */
export class UpdatePlaceDto extends PartialType(CreatePlaceDto, { skipNullProperties: false }) {}
