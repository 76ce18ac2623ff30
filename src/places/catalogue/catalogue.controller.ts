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

  /**
   * List the categories of places.
   *
   * Names are in the language of `Accept-Language`.
   */
  @Get('categories')
  async listCategories(@PreferredLanguage() language: Language): Promise<CategoryListDto> {
    return CategoryListDto.from(await this.catalogue.countBy('category'), language);
  }

  /** List the 25 districts (gu) of Seoul. */
  @Get('districts')
  async listDistricts(): Promise<DistrictListDto> {
    return DistrictListDto.from(await this.catalogue.countBy('district'));
  }
}
