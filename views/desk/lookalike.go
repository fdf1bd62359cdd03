package desk

// Lookalikes are texts in which letters look like others, or are not seen, each
// with where it stands. None of them keeps anybody from anything.
type Lookalikes struct {
	Rows []Lookalike
	More string // how many there are beside those; "" for none
}

// Lookalike is one odd word.
type Lookalike struct {
	Where string // the field
	Href  string // where it is mended; "" for where one is
	Word  string
	What  string // what is odd in it
	// Letters are the odd ones, and MoreLetters says that there are others.
	Letters     []OddLetter
	MoreLetters bool
}

// OddLetter is one character with its number and the script that it is of.
type OddLetter struct {
	Letter string // "" for what is not seen
	Code   string // as U+0430
	Script string
}
