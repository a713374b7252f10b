/** Core's memory of what it carried out: each (site, key) once (SPEC F9). */
export interface CoreAnswers {
  /**
   * `claimed`: carry it out within `claimMs`. `lost`: whoever claimed it gave no answer in time and is taken for gone; it is not carried out again.
   * @throws DatabaseUnavailable
   */
  claim(siteId: string, key: string, orderHash: string, claimMs: number): Promise<
    { readonly kind: 'claimed' } | { readonly kind: 'answered'; readonly answer: string } | { readonly kind: 'underWay' } | { readonly kind: 'lost' } | { readonly kind: 'otherOrder' } | { readonly kind: 'unknownSite' }
  >;
  /** @throws DatabaseUnavailable */
  keep(siteId: string, key: string, answer: string): Promise<void>;
}
