import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PreferredLanguage, Public, type Language } from '../../common/index.js';
import { CategoryListDto } from '../dto/category-list.dto.js';
import { DistrictListDto } from '../dto/district-list.dto.js';
import { CatalogueService } from './catalogue.service.js';

@ApiTags('places')
@Public()
@Controller()
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  /** The kinds of places, with their names in the language of `Accept-Language`. */
  @Get('categories')
  async listCategories(@PreferredLanguage() language: Language): Promise<CategoryListDto> {
    return CategoryListDto.from(await this.catalogue.countBy('category'), language);
  }

  /** The 25 gu of Seoul. */
  @Get('districts')
  async listDistricts(): Promise<DistrictListDto> {
    return DistrictListDto.from(await this.catalogue.countBy('district'));
  }
}
