/** Author of a review. */
export class ReviewAuthorDto {
  /**
   * UUID of the user.
   * @example '7f0c2a9b-6b1e-4c43-9f52-0198d7a21f0c'
   */
  id!: string;

  /**
   * Current nickname of the user.
   * @example '초록미나'
   */
  nickname!: string;
}
