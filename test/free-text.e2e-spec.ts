import { useApp } from './support/app.js';
import { aPlace, aUser, newPlace, type PlaceBody, type TestUser } from './support/factories.js';

const INVISIBLE = {
  'the Hangul filler': '\u3164',
  'half-width Hangul fillers': '\uFFA0\uFFA0',
  'a zero-width space': '\u200B',
  'joiners only': '\u200D\u2060\u200C',
  'a blank Braille pattern': '\u2800',
  'a variation selector only': '\uFE0F',
  'tag characters': '\u{E0041}\u{E0042}',
  'a soft hyphen between spaces': ' \u00AD ',
  'a combining accent without a letter': '\u0301',
};

const INVISIBLE_CONTROLS = {
  'an escape character': '\u001B',
  'a next-line control': '\u0085',
  'a right-to-left override': '\u202E',
  'a right-to-left isolate': '\u2067',
  'an Arabic letter mark': '\u061C',
  'a left-to-right mark': '\u200E',
  'a noncharacter': '\uFFFE',
};

describe('free text', () => {
  const t = useApp();
  let author: TestUser;
  let admin: TestUser;
  let place: PlaceBody;

  beforeAll(async () => {
    [author, admin] = await Promise.all([aUser(t), aUser(t, { role: 'admin' })]);
    place = await aPlace(t, { owner: author });
  });

  const createPlace = (fields: Record<string, unknown>) =>
    t.api.post<PlaceBody & Record<string, unknown>>('/places', newPlace(fields), { token: author.token });
  const announce = (fields: Record<string, unknown>) =>
    t.api.post('/admin/announcements', { title: '리필데이', body: '10% 할인', ...fields }, { token: admin.token });

  /** All free-text fields: pointer, whether several lines are allowed, and a request with the text. */
  const FIELDS: [pointer: string, lines: 'one' | 'many', send: (text: string) => ReturnType<typeof announce>][] = [
    ['#/name', 'one', (name) => createPlace({ name })],
    ['#/address', 'one', (address) => createPlace({ address })],
    ['#/description', 'many', (description) => createPlace({ description })],
    ['#/name', 'one', (name) => t.api.patch(`/places/${place.id}`, { name }, { token: author.token })],
    ['#/content', 'many', (content) => t.api.post(`/places/${place.id}/reviews`, { rating: 5, content }, author)],
    ['#/title', 'one', (title) => announce({ title })],
    ['#/body', 'many', (body) => announce({ body })],
    ['#/device', 'one', (device) => t.api.post('/auth/login', { email: 'a@b.kr', password: 'x', device })],
    ['#/nickname', 'one', (nickname) => t.api.patch('/users/me', { nickname }, { token: author.token })],
    ['?q', 'one', (q) => t.api.get(`/places?q=${encodeURIComponent(q)}`)],
  ];

  describe.each(FIELDS)('%s', (pointer, lines, send) => {
    const expectRefused = async (text: string) => {
      const { status, body } = await send(text);
      expect({ text, status, code: body['code'] }).toEqual({ text, status: 400, code: 'VALIDATION_FAILED' });
      expect(body['errors']).toEqual([{ pointer, detail: expect.stringMatching(/\S/) }]);
    };

    it('requires a visible character', async () => {
      for (const text of Object.values(INVISIBLE)) await expectRefused(text);
    });

    it('rejects control and bidirectional characters', async () => {
      for (const character of Object.values(INVISIBLE_CONTROLS)) await expectRefused(`초록${character}상점`);
    });

    it(`accepts ${lines} line${lines === 'one' ? '' : 's'}`, async () => {
      for (const character of ['\n', '\r\n', '\t', '\u2028']) {
        const text = `초록${character}상점`;
        if (lines === 'one') await expectRefused(text);
        else expect((await send(text)).body['code']).not.toBe('VALIDATION_FAILED');
      }
    });
  });

  it.each([
    ['a family of four', '👨‍👩‍👧‍👦'],
    ['a heart on fire', '❤️‍🔥'],
    ['a rainbow flag', '🏳️‍🌈'],
    ['the flag of Scotland, made of tags', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
    ['Persian with its non-joiner', 'می‌خواهم'],
    ['right-to-left letters without controls', 'חנות ירוקה'],
  ])('keeps %s unchanged', async (_name, text) => {
    const { status, body } = await createPlace({ name: `${text} 가게`, description: text });
    expect([status, body.name, body['description']]).toEqual([201, `${text} 가게`, text]);
  });

  it.each([
    ['a zero-width space', '초록\u200B상점'],
    ['a Hangul filler', '초록\u3164상점'],
    ['a soft hyphen', '초록상\u00AD점'],
    ['a word joiner at the end', '초록상점\u2060'],
    ['a blank Braille pattern', '초록\u2800상점'],
    ['a variation selector', '초록상점\uFE00'],
    ['tag characters', '초록상점\u{E0031}'],
    ['full-width letters', '초록상점 ＥＣＯ', '초록상점 eco'],
    ['another dotted I', '초록상점 İSTANBUL', '초록상점 istanbul'],
  ])('rejects a place that differs from another only by %s', async (_name, lookAlike, name = '초록상점') => {
    const { address } = newPlace();
    await aPlace(t, { owner: author, name, address });
    const { status, body } = await createPlace({ name: lookAlike, address });
    expect([status, body['code']]).toEqual([409, 'PLACE_ALREADY_EXISTS']);
    const other = await createPlace({ name: '다른가게', address });
    const renamed = await t.api.patch(`/places/${other.body.id}`, { name: lookAlike }, { token: author.token });
    expect([renamed.status, renamed.body['code']]).toEqual([409, 'PLACE_ALREADY_EXISTS']);
  });
});
