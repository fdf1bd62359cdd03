package web_test

import (
	"slices"
	"strings"
	"testing"
)

// partsNameTheirRecords reads claims, referrals and sources of the founding
// record.
func partsNameTheirRecords(t *testing.T, s *apiSite) {
	t.Helper()
	claims, _ := s.everything(t, "/api/v1/claims?incident=SJ-2025-0001&limit=100")
	quoted, related, placed := 0, 0, 0
	for _, c := range claims {
		if at(c, "incidents", 0) != "SJ-2025-0001" || !strings.HasPrefix(c["id"].(string), at(c, "statement", "id").(string)+".") {
			t.Errorf("a claim that does not name its records: %v", c)
		}
		if at(c, "quotes", 0, "origin") != nil {
			quoted++
		}
		if at(c, "quotes", 0, "position") != nil {
			placed++
		}
		if to, ok := at(c, "relations", 0, "to").(string); ok && strings.HasPrefix(to, "ST-") {
			related++
		}
	}
	if len(claims) < 20 || quoted == 0 || related == 0 || placed == 0 {
		t.Errorf("%d claims, %d quoted, %d with a place, %d related", len(claims), quoted, placed, related)
	}
	referrals, _ := s.everything(t, "/api/v1/referrals?incident=SJ-2025-0001")
	for _, r := range referrals {
		if at(r, "incident", "id") != "SJ-2025-0001" || at(r, "steps", 0, "level") == nil || at(r, "steps", 0, "phase") == nil {
			t.Errorf("a referral without its incident, or its level: %v", r)
		}
	}
	sources, _ := s.everything(t, "/api/v1/sources?limit=100")
	for _, r := range sources {
		if at(r, "cited_by", 0) == nil || at(r, "shown_by", "sha256") == nil {
			t.Errorf("a source that nobody cites: %v", r)
		}
	}
	if len(referrals) == 0 || len(sources) < 40 {
		t.Errorf("%d referrals, %d sources", len(referrals), len(sources))
	}
	hits, _ := s.everything(t, "/api/v1/search?type=referral&q=CNSS")
	for _, h := range hits {
		if !slices.Contains(idsOf(referrals), h["id"].(string)) {
			t.Errorf("a find that is no referral: %v", h)
		}
	}
	counts := decoded(t, s.ask(t, "/api/v1/statistics"))
	if at(counts, "data", "totals", "sources") != float64(len(sources)) || at(counts, "data", "totals", "claims").(float64) < float64(len(claims)) {
		t.Errorf("totals: %v", at(counts, "data", "totals"))
	}
}
