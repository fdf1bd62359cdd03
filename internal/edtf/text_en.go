package edtf

func english() language {
	return language{
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		shortMonths: [12]string{
			"Jan", "Feb", "Mar", "Apr", "May", "Jun",
			"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		},
		weekdays:     [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		seasons:      [4]string{"spring", "summer", "autumn", "winter"},
		firstOfMonth: "1",
		comma:        ", ",
		uncertain:    "uncertain",
		approximate:  "approximate",
		noDay:        "day not specified",
		noMonth:      "month not specified",
		noMonthOrDay: "month and day not specified",
		decade:       func(year string) string { return year + "s" },
		century:      func(first, last string) string { return "years " + first + " to " + last },
		around:       func(p phrase) string { return "around " + englishArticle(p) + p.text },
		atLatest:     func(p phrase) string { return p.text + " at the latest" },
		atEarliest:   func(p phrase) string { return p.text + " at the earliest" },
		window:       func(from, to phrase) string { return from.text + " to " + to.text },
	}
}

func englishArticle(p phrase) string {
	if p.precision == PrecisionDecade || p.precision == PrecisionCentury {
		return "the "
	}
	return ""
}
