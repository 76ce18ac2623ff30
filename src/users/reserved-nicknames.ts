/** Names under which somebody could pass for the people who run the service. */
const ROLES = [
  ...['admin', 'administrator', 'root', 'sysadmin', 'superuser', 'system', 'operator', 'moderator', 'manager'],
  ...['webmaster', 'staff', 'official', 'support', 'help', 'helpdesk', 'security', 'postmaster', 'noreply'],
  ...['anonymous', 'null', '관리자', '운영자', '운영진', '운영팀', '관리팀', '시스템', '고객센터', '고객지원', '공식', '공식계정', '매니저', '어드민'],
  ...['탈퇴한사용자', '알수없음', '익명'],
];
const SERVICE = ['ecogreenseoul', 'ecogreen', 'main027', '에코그린서울', '에코그린'];

const RESERVED = new Set([...ROLES, ...SERVICE].map(lookOf));
const SERVICE_LOOKS = SERVICE.map(lookOf);

/**
 * Whether a nickname is kept free: a role or the name of the service, alone or together, with digits around it, or
 * spelled with digits and letters that look alike (`adm1n`).
 */
export function isReservedNickname(nickname: string): boolean {
  const look = lookOf(nickname.replace(/^\d+|\d+$/g, ''));
  const service = SERVICE_LOOKS.find((name) => look.startsWith(name) || look.endsWith(name)) ?? '';
  return RESERVED.has(look) || (service !== '' && RESERVED.has(look.replace(service, '')));
}

/** One spelling for nicknames that are hard to tell apart. */
function lookOf(name: string): string {
  return name.toLowerCase().replace(/[1l]/g, 'i').replaceAll('0', 'o');
}
