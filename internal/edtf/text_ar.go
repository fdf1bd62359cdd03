package edtf

// arabic is Arabic as in Morocco: its own names of the months, Western digits,
// months never shortened.
func arabic() language {
	months := [12]string{
		"يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو",
		"يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر",
	}
	return language{
		months:       months,
		shortMonths:  months,
		weekdays:     [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		seasons:      [4]string{"ربيع", "صيف", "خريف", "شتاء"},
		firstOfMonth: "1",
		comma:        "، ",
		uncertain:    "غير مؤكد",
		approximate:  "تقريبي",
		noDay:        "اليوم غير محدد",
		noMonth:      "الشهر غير محدد",
		noMonthOrDay: "الشهر واليوم غير محددين",
		decade:       func(year string) string { return "عقد " + year },
		century:      func(first, last string) string { return "السنوات من " + first + " إلى " + last },
		around:       func(p phrase) string { return "حوالي " + p.text },
		atLatest:     arabicAtLatest,
		atEarliest:   func(p phrase) string { return "ابتداء من " + p.text },
		window:       func(from, to phrase) string { return "من " + from.text + " إلى " + to.text },
	}
}

// arabicAtLatest: a date is "in", a day of the week is "on the day of".
func arabicAtLatest(p phrase) string {
	preposition := "في "
	if p.weekday {
		preposition = "يوم "
	}
	return preposition + p.text + " على أبعد تقدير"
}
