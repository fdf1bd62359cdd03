package register

import "slices"

// InstitutionKind is the kind of an institution.
type InstitutionKind string

// The kinds of institutions.
const (
	InstitutionMinistry          InstitutionKind = "ministry"
	InstitutionGovernment        InstitutionKind = "government"
	InstitutionSocialFund        InstitutionKind = "social-fund"
	InstitutionAgency            InstitutionKind = "agency"
	InstitutionRegulator         InstitutionKind = "regulator"
	InstitutionDataAuthority     InstitutionKind = "data-protection-authority"
	InstitutionSecurityAuthority InstitutionKind = "security-authority"
	InstitutionJudicialAuthority InstitutionKind = "judicial-authority"
	InstitutionParliament        InstitutionKind = "parliament"
	InstitutionLocalGovernment   InstitutionKind = "local-government"
	InstitutionCompany           InstitutionKind = "company"
	InstitutionBank              InstitutionKind = "bank"
	InstitutionSchool            InstitutionKind = "school"
	InstitutionHospital          InstitutionKind = "hospital"
	InstitutionMedia             InstitutionKind = "media"
	InstitutionOther             InstitutionKind = "other"
)

// InstitutionKinds lists all kinds of institutions.
func InstitutionKinds() []InstitutionKind {
	return []InstitutionKind{
		InstitutionMinistry, InstitutionGovernment, InstitutionSocialFund, InstitutionAgency,
		InstitutionRegulator, InstitutionDataAuthority, InstitutionSecurityAuthority,
		InstitutionJudicialAuthority, InstitutionParliament, InstitutionLocalGovernment,
		InstitutionCompany, InstitutionBank, InstitutionSchool, InstitutionHospital,
		InstitutionMedia, InstitutionOther,
	}
}

// Sectors lists the codes of the sectors of activity.
func Sectors() []string {
	return []string{
		"public-administration", "social-protection", "justice", "security", "parliament",
		"education", "health", "finance", "energy", "transport", "communications", "media",
		"industry", "other",
	}
}

// DataClasses lists the classes of data that an exposure can hold.
func DataClasses() []string {
	return []string{
		"names", "identity-numbers", "employer", "contact-details", "bank-details", "salaries",
		"credentials", "health", "documents", "other",
	}
}

// ExposurePlaces lists the kinds of places where data was published.
func ExposurePlaces() []string {
	return []string{"messaging-channel", "social-networks", "forum", "leak-site", "website", "not-stated"}
}

// Vocabulary is a set of status codes that an admin edits: data, with labels
// in three languages, retired but never deleted. These are the codes with
// which a register begins.
type Vocabulary string

// The vocabularies.
const (
	VocabularyStanding      Vocabulary = "standing"
	VocabularyTopic         Vocabulary = "claim-topic"
	VocabularyClaimRelation Vocabulary = "claim-relation"
	VocabularyStep          Vocabulary = "referral-step"
	VocabularyLevel         Vocabulary = "level"
	VocabularyDateBasis     Vocabulary = "date-basis"
	VocabularyRendering     Vocabulary = "rendering"
)

// Standings lists the codes of the standing of an incident.
func Standings() []string {
	return []string{"suspected", "confirmed", "disputed", "near-miss", "not-an-incident"}
}

// Steps lists the codes of referral steps in their order.
func Steps() []string {
	var out []string
	for _, sp := range stepPhases() {
		out = append(out, sp.Step)
	}
	return out
}

// IncidentKinds lists the classes and types of the Reference Security Incident
// Taxonomy (RSIT, ENISA working copy), written "class/type"; a class alone is
// also a kind.
func IncidentKinds() []string {
	classes := []struct {
		class string
		types []string
	}{
		{"abusive-content", []string{"spam", "harmful-speech", "violence"}},
		{"malicious-code", []string{"infected-system", "c2-server", "malware-distribution", "malware-configuration"}},
		{"information-gathering", []string{"scanner", "sniffing", "social-engineering"}},
		{"intrusion-attempts", []string{"ids-alert", "brute-force", "exploit"}},
		{"intrusions", []string{"privileged-account-compromise", "unprivileged-account-compromise", "application-compromise", "system-compromise", "burglary"}},
		{"availability", []string{"dos", "ddos", "misconfiguration", "sabotage", "outage"}},
		{"information-content-security", []string{"unauthorised-information-access", "unauthorised-information-modification", "data-loss", "data-leak"}},
		{"fraud", []string{"unauthorised-use-of-resources", "copyright", "masquerade", "phishing"}},
		{"vulnerable", []string{"weak-crypto", "ddos-amplifier", "potentially-unwanted-accessible", "information-disclosure", "vulnerable-system"}},
		{"other", []string{"other", "undetermined"}},
	}
	var out []string
	for _, c := range classes {
		out = append(out, c.class)
		for _, t := range c.types {
			out = append(out, c.class+"/"+t)
		}
	}
	return out
}

// isCode reports whether code is one of the codes.
func isCode[T ~string](codes []T, code T) bool { return slices.Contains(codes, code) }
