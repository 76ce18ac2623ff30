/** Names that could be used to impersonate the operators of the service. */
const ROLES = [
  ...['admin', 'administrator', 'root', 'sysadmin', 'superuser', 'system', 'operator', 'moderator', 'manager'],
  ...['webmaster', 'staff', 'official', 'support', 'help', 'helpdesk', 'security', 'postmaster', 'noreply'],
  ...['anonymous', 'null', '관리자', '운영자', '운영진', '운영팀', '관리팀', '시스템', '고객센터', '고객지원', '공식', '공식계정', '매니저', '어드민'],
  ...['탈퇴한사용자', '알수없음', '익명'],
];
const SERVICE = ['ecogreenseoul', 'ecogreen', 'main027', '에코그린서울', '에코그린'];

const SERVICES = SERVICE.map(spellingsOf).join('|');
const NAMES = [...ROLES, ...SERVICE].map(spellingsOf).join('|');
/**
 * Allows leading and trailing digits, and the honorific 님; a digit next to a name may also stand for a letter of it
 * (`0perator7`).
 */
const RESERVED = new RegExp(`^\\d*(?:(?:${SERVICES})?(?:${NAMES})|(?:${NAMES})(?:${SERVICES}))님?\\d*$`);

/**
 * Whether a nickname is reserved: a role or the name of the service, alone or combined, also with leading or trailing
 * digits, or spelled with look-alike digits and letters (`adm1n`).
 */
export function isReservedNickname(nickname: string): boolean {
  return RESERVED.test(nickname.toLowerCase());
}

/** Pattern that matches a name and its look-alike spellings. */
function spellingsOf(name: string): string {
  return name.replace(/[il1]/g, '[il1]').replace(/[o0]/g, '[o0]');
}
