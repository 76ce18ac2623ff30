import type { CodeRule } from './code-rule.js';
import * as names from './file-names.js';

export const NAME_RULES: readonly CodeRule[] = [
  {
    says: 'file names are kebab-case and end with a role we know',
    check: names.namesAreKebabCaseWithRole,
    planted: { 'src/placeSorter.ts': '', 'src/places.manager.ts': '', 'src/rank-it.job.ts': '' },
    caught: [
      'src/placeSorter.ts:1 is not in kebab-case',
      'src/places.manager.ts:1 has the role "manager", which is none of ours',
    ],
  },
  {
    says: 'a class named for a role stands in a file of that role, and the reverse',
    check: names.classesStandInFilesOfTheirRole,
    planted: {
      'src/places/places.ts': 'export class PlacesService {}',
      'src/places/places.controller.ts': 'export class Places {}',
      'src/places/places.service.ts': 'export class PlacesService {} class Near {}',
    },
    caught: [
      'src/places/places.ts:1 exports PlacesService: it belongs in a file of that role',
      'src/places/places.controller.ts:1 has the role "controller" but exports no such class',
    ],
  },
  {
    says: 'entities stand in *.entity.ts',
    check: names.entitiesStandInEntityFiles,
    planted: { 'src/place.ts': '@Entity()\nclass Place {}', 'src/place.entity.ts': '@Entity()\nclass Place {}' },
    caught: ['src/place.ts:1 holds an @Entity: it belongs in a file named *.entity.ts'],
  },
  {
    says: 'a file in dto/ holds one class',
    check: names.dtoFoldersHaveOneClassAFile,
    planted: { 'src/places/dto/place.dto.ts': 'export class PlaceDto {}\nexport class PlacesDto {}' },
    caught: ['src/places/dto/place.dto.ts:1 exports several classes: one class a file in dto/'],
  },
  {
    says: 'no name would fit anything',
    check: names.namesSaySomething,
    planted: {
      'src/utils/x.ts': '',
      'src/x.helper.ts': '',
      'test/shared/x.ts': '',
      'src/core.ts': '',
      'src/misc.ts': '',
      'src/hard-core.ts': '',
    },
    caught: [
      'src/utils/x.ts:1 is named "utils": name it for what it does',
      'src/x.helper.ts:1 is named "helper": name it for what it does',
      'test/shared/x.ts:1 is named "shared": name it for what it does',
      'src/core.ts:1 is named "core": name it for what it does',
      'src/misc.ts:1 is named "misc": name it for what it does',
    ],
  },
];
