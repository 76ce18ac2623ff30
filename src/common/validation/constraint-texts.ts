import type { Localized } from '../errors/index.js';

type Text = (...limits: readonly string[]) => Localized;

const text = (en: string, ko: string): Localized => ({ en, ko });

/** Error text of each class-validator rule, with its limits, in every language; never contains the rejected value. */
export const CONSTRAINT_TEXTS: Readonly<Record<string, Text>> = {
  arrayMaxSize: (max) => text(`must have at most ${max} items`, `항목은 최대 ${max}개입니다`),
  arrayMinSize: (min) => text(`must have at least ${min} items`, `항목은 최소 ${min}개입니다`),
  isArray: () => text('must be a list', '목록이어야 합니다'),
  isBoolean: () => text('must be true or false', 'true 또는 false여야 합니다'),
  isDefined: () => text('is required', '필수 값입니다'),
  isEmail: () => text('must be an e-mail address', '이메일 주소여야 합니다'),
  isEnum: (_type, values) => text(`must be one of ${values}`, `${values} 중 하나여야 합니다`),
  isIn: (values) => text(`must be one of ${values}`, `${values} 중 하나여야 합니다`),
  isInt: () => text('must be a whole number', '정수여야 합니다'),
  isLatitude: () => text('must be a latitude in degrees', '위도(도)여야 합니다'),
  isLongitude: () => text('must be a longitude in degrees', '경도(도)여야 합니다'),
  isLength: (min, max) => text(`must have ${min} to ${max} characters`, `${min}자 이상 ${max}자 이하여야 합니다`),
  isMultiLine: () => text('must not contain control or bidirectional characters', '제어 문자와 양방향 문자는 사용할 수 없습니다'),
  isNotEmpty: () => text('must not be empty', '비어 있을 수 없습니다'),
  isNumber: () => text('must be a number', '숫자여야 합니다'),
  isObject: () => text('must be an object', '객체여야 합니다'),
  isSingleLine: () =>
    text(
      'must not contain line breaks, control or bidirectional characters',
      '줄바꿈, 제어 문자, 양방향 문자는 사용할 수 없습니다',
    ),
  isString: () => text('must be a string', '문자열이어야 합니다'),
  isUrl: () => text('must be an absolute http or https URL', 'http 또는 https로 시작하는 URL이어야 합니다'),
  isUuid: () => text('must be a UUID', 'UUID여야 합니다'),
  isVisible: () => text('must contain a visible character', '눈에 보이는 문자가 있어야 합니다'),
  matches: () => text('has an invalid format', '형식이 올바르지 않습니다'),
  max: (max) => text(`must be at most ${max}`, `${max} 이하여야 합니다`),
  maxLength: (max) => text(`must have at most ${max} characters`, `최대 ${max}자입니다`),
  min: (min) => text(`must be at least ${min}`, `${min} 이상이어야 합니다`),
  minLength: (min) => text(`must have at least ${min} characters`, `최소 ${min}자입니다`),
  nestedValidation: () => text('must be an object', '객체여야 합니다'),
  whitelistValidation: () => text('is not a field of this request', '이 요청에 없는 필드입니다'),
};

/** Error text of a rule that has no text of its own. */
export const ANY_CONSTRAINT: Localized = text('is not allowed', '허용되지 않는 값입니다');

/** Error text of a rule that applies to each item of a list. */
export const ofEachItem = ({ en, ko }: Localized): Localized => text(`each item ${en}`, `각 항목이 ${ko}`);
