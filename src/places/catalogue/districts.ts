/** A district (gu) of Seoul. */
export interface District {
  /** Administrative code, the first five digits of the legal-dong code. */
  readonly code: string;
  /** Official romanization (Revised Romanization of Korean). */
  readonly romanized: string;
  /** Southern and northern bounds of the bounding box, in degrees of latitude. */
  readonly lat: readonly [number, number];
  /** Western and eastern bounds of the bounding box, in degrees of longitude. */
  readonly lng: readonly [number, number];
}

/** The 25 districts by Korean name, with approximate bounds (to about 1 km). */
export const DISTRICTS = {
  종로구: { code: '11110', romanized: 'Jongno-gu', lat: [37.566, 37.632], lng: [126.949, 127.023] },
  중구: { code: '11140', romanized: 'Jung-gu', lat: [37.544, 37.571], lng: [126.964, 127.027] },
  용산구: { code: '11170', romanized: 'Yongsan-gu', lat: [37.513, 37.556], lng: [126.945, 127.013] },
  성동구: { code: '11200', romanized: 'Seongdong-gu', lat: [37.533, 37.573], lng: [127.009, 127.078] },
  광진구: { code: '11215', romanized: 'Gwangjin-gu', lat: [37.525, 37.572], lng: [127.057, 127.115] },
  동대문구: { code: '11230', romanized: 'Dongdaemun-gu', lat: [37.56, 37.608], lng: [127.022, 127.079] },
  중랑구: { code: '11260', romanized: 'Jungnang-gu', lat: [37.573, 37.621], lng: [127.07, 127.118] },
  성북구: { code: '11290', romanized: 'Seongbuk-gu', lat: [37.577, 37.633], lng: [126.976, 127.07] },
  강북구: { code: '11305', romanized: 'Gangbuk-gu', lat: [37.611, 37.684], lng: [126.98, 127.05] },
  도봉구: { code: '11320', romanized: 'Dobong-gu', lat: [37.632, 37.701], lng: [127.01, 127.055] },
  노원구: { code: '11350', romanized: 'Nowon-gu', lat: [37.616, 37.696], lng: [127.044, 127.112] },
  은평구: { code: '11380', romanized: 'Eunpyeong-gu', lat: [37.572, 37.659], lng: [126.883, 126.969] },
  서대문구: { code: '11410', romanized: 'Seodaemun-gu', lat: [37.555, 37.607], lng: [126.903, 126.97] },
  마포구: { code: '11440', romanized: 'Mapo-gu', lat: [37.531, 37.588], lng: [126.855, 126.964] },
  양천구: { code: '11470', romanized: 'Yangcheon-gu', lat: [37.503, 37.549], lng: [126.825, 126.888] },
  강서구: { code: '11500', romanized: 'Gangseo-gu', lat: [37.53, 37.602], lng: [126.765, 126.887] },
  구로구: { code: '11530', romanized: 'Guro-gu', lat: [37.476, 37.516], lng: [126.813, 126.903] },
  금천구: { code: '11545', romanized: 'Geumcheon-gu', lat: [37.433, 37.486], lng: [126.872, 126.929] },
  영등포구: { code: '11560', romanized: 'Yeongdeungpo-gu', lat: [37.487, 37.557], lng: [126.881, 126.949] },
  동작구: { code: '11590', romanized: 'Dongjak-gu', lat: [37.477, 37.515], lng: [126.904, 126.985] },
  관악구: { code: '11620', romanized: 'Gwanak-gu', lat: [37.435, 37.495], lng: [126.902, 126.989] },
  서초구: { code: '11650', romanized: 'Seocho-gu', lat: [37.427, 37.527], lng: [126.981, 127.095] },
  강남구: { code: '11680', romanized: 'Gangnam-gu', lat: [37.456, 37.536], lng: [127.012, 127.124] },
  송파구: { code: '11710', romanized: 'Songpa-gu', lat: [37.468, 37.54], lng: [127.069, 127.163] },
  강동구: { code: '11740', romanized: 'Gangdong-gu', lat: [37.515, 37.581], lng: [127.11, 127.184] },
} as const satisfies Record<string, District>;

export type DistrictName = keyof typeof DISTRICTS;

export const DISTRICT_NAMES = Object.keys(DISTRICTS) as DistrictName[];

/** Bounding box of Seoul in degrees, with a margin of about 1 km. */
export const SEOUL = { lat: [37.41, 37.72], lng: [126.73, 127.2] } as const;
