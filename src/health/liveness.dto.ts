export class LivenessDto {
  /** Always `ok`; a process that cannot respond sends no response. */
  status!: 'ok';
}
