export class LivenessDto {
  /** Always `ok`: a process that cannot answer says nothing. */
  status!: 'ok';
}
