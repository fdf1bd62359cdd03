package auth_test

import (
	"regexp"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

// TestRecoveryCodesCannotBeGuessedFromTheirHashes: their hashes are fast ones,
// so that the codes themselves must have the bits (OWASP ASVS 6.5.2: 112).
func TestRecoveryCodesCannotBeGuessedFromTheirHashes(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	_, _, codes := h.enrol(h.enter("here@example.org"))
	form := regexp.MustCompile(`^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$`) // 24 letters of 5 bits
	seen := map[string]bool{}
	for _, code := range codes {
		if !form.MatchString(code) {
			t.Errorf("%q has fewer than 120 bits", code)
		}
		seen[code] = true
	}
	if len(seen) != 10 {
		t.Errorf("%d different codes, want 10", len(seen))
	}
	var kept int
	row := h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.recovery_codes WHERE length(code_hash) = 32`)
	if err := row.Scan(&kept); err != nil || kept != 10 {
		t.Errorf("%d hashes are kept, %v", kept, err)
	}
}
