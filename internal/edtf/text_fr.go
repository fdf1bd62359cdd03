package edtf

import "time"

func french() language {
	return language{
		months: [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		},
		shortMonths: [12]string{
			"janv.", "févr.", "mars", "avr.", "mai", "juin",
			"juill.", "août", "sept.", "oct.", "nov.", "déc.",
		},
		weekdays:     [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		seasons:      [4]string{"printemps", "été", "automne", "hiver"},
		firstOfMonth: "1er",
		comma:        ", ",
		uncertain:    "incertain",
		approximate:  "approximatif",
		noDay:        "jour non précisé",
		noMonth:      "mois non précisé",
		noMonthOrDay: "mois et jour non précisés",
		decade:       func(year string) string { return "années " + year },
		century:      func(first, last string) string { return "années " + first + " à " + last },
		around:       func(p phrase) string { return "vers " + frenchCases(p).plain + p.text },
		atLatest:     func(p phrase) string { return "au plus tard " + frenchCases(p).in + p.text },
		atEarliest:   func(p phrase) string { return "au plus tôt " + frenchCases(p).in + p.text },
		window: func(from, to phrase) string {
			return frenchCases(from).from + from.text + " " + frenchCases(to).to + to.text
		},
	}
}

// frenchForms is what French puts before a date: its article alone, or melted
// into a preposition. Each ends where the date begins, with its space if any.
type frenchForms struct{ plain, in, from, to string }

func frenchCases(p phrase) frenchForms {
	switch p.precision {
	case PrecisionCentury, PrecisionDecade:
		return frenchForms{plain: "les ", in: "dans les ", from: "des ", to: "aux "}
	case PrecisionSeason:
		return frenchSeasonForms(p)
	case PrecisionMonth:
		if p.month == time.April || p.month == time.August || p.month == time.October {
			return frenchForms{in: "en ", from: "d’", to: "à "}
		}
		return frenchForms{in: "en ", from: "de ", to: "à "}
	case PrecisionDay, PrecisionMinute:
		return frenchForms{plain: "le ", in: "le ", from: "du ", to: "au "}
	default:
		return frenchForms{in: "en ", from: "de ", to: "à "}
	}
}

// frenchSeasonForms: all seasons but spring begin with a vowel or a mute h.
func frenchSeasonForms(p phrase) frenchForms {
	if p.season == 0 {
		return frenchForms{plain: "le ", in: "au ", from: "du ", to: "au "}
	}
	return frenchForms{plain: "l’", in: "en ", from: "de l’", to: "à l’"}
}
