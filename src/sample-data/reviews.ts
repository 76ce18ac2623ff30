import type { SeededRandom } from './random.js';

/** A row of `review`; the place by its position among the sample places. */
export interface SampleReview {
  readonly place: number;
  readonly author_id: string;
  readonly rating: number;
  readonly content: string;
  readonly created_at: string;
}

const REVIEWS = 1_500;
const LAST_DAY = Date.UTC(2026, 9, 31);

/** How often each rating is given, in percent, from 5 down to 1. */
const RATINGS = [5, 4, 3, 2, 1].flatMap((rating, index) => Array<number>([42, 31, 16, 7, 4][index] ?? 0).fill(rating));

const IMPRESSIONS: Readonly<Record<number, readonly string[]>> = {
  5: [
    '동네에 이런 곳이 있어서 정말 고맙습니다.',
    '들어가자마자 기분이 좋아지는 곳이에요.',
    '여러 번 갔는데 갈 때마다 만족합니다.',
    '사장님이 하나하나 친절하게 설명해 주셨어요.',
    '멀리서 일부러 찾아갈 만합니다.',
    '친구들에게 벌써 세 번이나 추천했어요.',
  ],
  4: [
    '전체적으로 만족스러웠습니다.',
    '생각보다 종류가 많아서 좋았어요.',
    '분위기가 차분하고 직원분도 친절합니다.',
    '다음에도 들를 생각이에요.',
    '설명이 자세해서 처음 가도 어렵지 않았어요.',
  ],
  3: [
    '나쁘지 않지만 기대만큼은 아니었어요.',
    '취지는 좋은데 물건이 조금 적습니다.',
    '평일 낮에는 괜찮고 주말에는 붐빕니다.',
    '한 번쯤 들러 볼 만합니다.',
  ],
  2: ['찾던 물건이 없어서 아쉬웠어요.', '안내가 부족해서 한참 헤맸습니다.', '좋은 뜻에 비해 준비가 덜 된 느낌이에요.'],
  1: ['적혀 있는 시간에 갔는데 문이 닫혀 있었어요.', '설명과 많이 달라서 실망했습니다.'],
};

const DETAILS: Readonly<Record<number, readonly string[]>> = {
  5: [
    '용기만 가져가면 필요한 만큼 담아 올 수 있어요.',
    '포장 쓰레기가 하나도 안 나왔습니다.',
    '아이와 함께 가서 배우는 것도 많았어요.',
    '가격도 마트와 크게 다르지 않아요.',
    '고쳐 쓰는 법까지 알려 주셨습니다.',
    '집에 있던 유리병을 드디어 제대로 씁니다.',
  ],
  4: [
    '자리만 조금 더 넓으면 좋겠어요.',
    '가격은 약간 있는 편이지만 품질이 좋습니다.',
    '주차가 어려우니 지하철을 타세요.',
    '리필 용기를 빌려 쓸 수 있어 편했습니다.',
  ],
  3: ['품절된 것이 몇 가지 있었어요.', '계산대 줄이 길어서 조금 기다렸습니다.', '설명서가 더 있으면 좋겠습니다.'],
  2: ['미리 전화해 보고 가시길 권합니다.', '가격표가 잘 보이지 않았어요.'],
  1: ['헛걸음했네요.', '다시 가지는 않을 것 같습니다.'],
};

/** 1,500 reviews, at most one for each person and place. */
export function makeReviews(
  random: SeededRandom,
  places: readonly { readonly created_at: string }[],
  authorIds: readonly string[],
): SampleReview[] {
  const perPlace = spread(random, places.length);
  return places.flatMap(({ created_at: openedAt }, place) =>
    random.sample(authorIds, perPlace[place] ?? 0).map((authorId) => {
      const rating = random.pick(RATINGS);
      return {
        place,
        author_id: authorId,
        rating,
        content: `${random.pick(IMPRESSIONS[rating] ?? [])} ${random.pick(DETAILS[rating] ?? [])}`,
        created_at: new Date(Math.floor(random.between(Date.parse(openedAt), LAST_DAY))).toISOString(),
      };
    }),
  );
}

/** How many reviews each place gets: some are popular, some nearly unknown, all together 1,500. */
function spread(random: SeededRandom, places: number): number[] {
  const counts = Array<number>(places).fill(1);
  for (let given = places; given < REVIEWS; given += 1) {
    // The product of two chances favours the places at the beginning of each dozen.
    const place = Math.floor(random.next() * random.next() * places);
    counts[place] = Math.min((counts[place] ?? 0) + 1, 40);
  }
  return counts;
}
