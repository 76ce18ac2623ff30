import { PartialType } from '@nestjs/swagger';
import { CreatePlaceDto } from './create-place.dto.js';

/** What is to change about a place: any of its fields. null clears `phone`, `homepage`, `kakaoId` or `openingHours`. */
export class UpdatePlaceDto extends PartialType(CreatePlaceDto, { skipNullProperties: false }) {}
