import { applyDecorators } from '@nestjs/common';
import { IsString, ValidateBy } from 'class-validator';
import { Trimmed } from './trim.decorator.js';

/** Any character except white space, lone accents, and invisible ones, such as Hangul fillers and blank Braille. */
const VISIBLE = /[^\s\p{Z}\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u;
const LINE_BREAK_OR_TAB = /[\t\n\r\p{Zl}\p{Zp}]/gu;

/**
 * Single-line free text. Trimmed and in Unicode form NFC; with at least one visible character; without line breaks, and
 * without control and bidirectional characters, which make a text look like another one. Joiners in emoji are allowed.
 * @example @SingleLineText() @Length(1, 100) name!: string;
 */
export const SingleLineText = (): PropertyDecorator => applyDecorators(...freeText('isSingleLine', (text) => text));

/**
 * Multi-line free text: like `SingleLineText`, but line breaks and tabs are allowed.
 * @example @MultiLineText() @Length(1, 2000) description!: string;
 */
export const MultiLineText = (): PropertyDecorator =>
  applyDecorators(...freeText('isMultiLine', (text) => text.replace(LINE_BREAK_OR_TAB, ' ')));

function freeText(name: string, withoutAllowed: (text: string) => string): PropertyDecorator[] {
  return [
    Trimmed(),
    IsString(),
    rule('isVisible', (text) => VISIBLE.test(text)),
    rule(name, (text) => !CONTROL.test(withoutAllowed(text))),
  ];
}

/** A rule for strings; values of other types pass, since `IsString` rejects them. */
function rule(name: string, holds: (text: string) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: (value) => typeof value !== 'string' || holds(value) } });
}
