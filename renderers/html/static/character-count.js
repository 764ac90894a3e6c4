// How many characters a long text may still have, counted as the server counts them: code points, not UTF-16 halves.

/** frontend: govuk-frontend, whose component this is but for the counting. */
export function startCharacterCounts(frontend) {
  class CharacterCount extends frontend.CharacterCount {
    updateCount() {
      this.count = [...this.$textarea.value].length;
    }
  }
  CharacterCount.moduleName = "app-character-count";
  frontend.createAll(CharacterCount);
}
