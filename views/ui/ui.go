package ui

// Link leads somewhere; without an address it is plain text.
type Link struct {
	Href string
	Text Text
}

// Date is a date as a page shows it.
type Date struct {
	Text     string // in words: "au plus tard le 9 avril 2025"; "" is shown as not stated
	DateTime string // for machines; empty where HTML has no notation for it
	// Mark is the shape of the precision: exact, kept, part, range, before,
	// after, about or none.
	Mark string
	// Note says what the date alone does not: that it is disputed, or how it is
	// known.
	Note string
}

// Tag is a short status. Shape is ok, claimed, none, accent or plain: each has
// its own border and sign.
type Tag struct {
	Shape string
	Label string
}

// Kind is the kind of an entry: its icon and colour, and its name.
type Kind struct {
	Class string // of the stylesheet: "k-attack", "k-leak"…
	Label string
}

// Chip is a filter as a link, with the number of things it shows.
type Chip struct {
	Href    string
	Kind    *Kind // nil for a filter without an icon
	Label   string
	Count   string // empty when not counted
	Current bool
}

// Cite is a reference to a numbered source of the page.
type Cite struct {
	Number    int
	Publisher string
}

// Fact is one answer at a glance.
type Fact struct {
	Question, Answer, Note Text
	Date                   Date   // instead of Answer where the answer is a date
	Said                   []Link // the statements that it rests on
	Cites                  []Cite
}

// Dial is one figure of the disclosure clock in one line.
type Dial struct {
	Figure, Label string
	// Open means that nothing has ended it: not stated, or still running.
	Open bool
}

// Version is one of several things that are said of the same matter.
type Version struct {
	What  Text
	Kept  bool
	Cites []Cite
}

// Versions are assertions in conflict, all kept.
type Versions struct {
	Title  string
	List   []Version
	Reason Text // why one is preferred
}

// Quote is a passage as published, or its translation.
type Quote struct {
	Text        Text
	Caption     Text
	Cites       []Cite
	Translation bool
	// Own means that the words are the register's: they are not quoted.
	Own bool
}

// Mark is the mark of a claim against earlier ones.
type Mark struct {
	Class string // new, same, narrow, changed, contra, silent
	Icon  string
	Label string
}

// Hand is one hand through which a wording passed.
type Hand struct {
	Who   Text
	Words Text
	// Quoted means that Words are quoted and not the register's.
	Quoted bool
	Mark   Mark
	Link   Link
	Cites  []Cite
}

// FigureCell is what one claimant says of one unit.
type FigureCell struct {
	Claimant string // label of the column, for narrow screens
	Figures  []Figure
}

// Figure is a number that somebody gave.
type Figure struct {
	Text  Text
	Cites []Cite
}

// FigureRow is one unit.
type FigureRow struct {
	Unit  string
	Cells []FigureCell
}

// Figures is the table of figures: units × claimants.
type Figures struct {
	Claimants []string
	Rows      []FigureRow
}

// Phase is one phase of a referral.
type Phase struct {
	Label string
	Step  string // the step reached in it, where its name differs
	Date  Date
	// State is done (confirmed or seen), claimed (announced, or press only) or
	// empty.
	State   string
	Current bool
}

// LevelMark is one level of proof on the scale.
type LevelMark struct {
	Label   string
	Current bool
}

// Referral is a referral card.
type Referral struct {
	From, To         Text
	ToNote, FromNote string
	Phases           []Phase
	Levels           []LevelMark
	Notes            []Labelled
	Links            []Link // to referrals that may be the same
}

// Labelled is a term with what is said of it.
type Labelled struct {
	Label string
	Text  Text
	Link  string // address that Text leads to
	Said  []Link // the statements that it rests on
	Cites []Cite
	// NotStated means that the text says that nothing is stated.
	NotStated bool
}

// Stage is one row of the disclosure clock. Positions are hundredths of the
// scale in percent.
type Stage struct {
	Class string // colour: attack, leak, statement, verify, measure, referral, context, event or none
	Label Text
	Date  Date
	Delay string
	Href  string
	// Point is the middle of an exact day; Start and End bound a range; Start
	// open at the beginning or End at the end of the scale is not drawn as an
	// edge. All are percentages such as "25%", empty when not drawn.
	Point, Start, Width, End string
	// Hollow means that the day of Point is disputed, or stated by nobody.
	Hollow bool
}

// Clock is the detailed disclosure clock.
type Clock struct {
	Ticks  []string // labels of the columns of the scale
	Column string   // width of a column as a part of 1, for the grid
	Stages []Stage
	// Yardsticks are the delays that laws elsewhere know, to compare with.
	Yardsticks []Labelled
}

// Source is one numbered source.
type Source struct {
	Number    int
	Publisher string
	Title     Text
	Href      string // empty when the address is withheld
	Author    Text
	Details   string // kind, date, language
	Gist      Text
	Hash      string // of the capture
	Kept      string // when it was saved; empty for not stated
	Now       string // hash of what the page says now, where that is another
	NowSince  string // since when, as far as is known
	Copy      string // address of the copy; empty where it is not given
}

// Sources are those of a page: the first ones, then the folded rest.
type Sources struct {
	First, Rest []Source
}

// Seal is the edition of a record.
type Seal struct {
	Title string
	// Correction says how much the edition corrects; empty for no correction.
	Correction string
	Published  Date
	Reason     Text
	Hash       string
	// Links lead to the other editions, to how this one can be verified, and to whom errors are told.
	Links []Link
}

// Row is one incident in a list.
type Row struct {
	Href         string
	Title        Text
	Reference    string
	Date         Date
	Institutions string
	Kinds        []Kind
	Delay        string
	Referral     Tag
	Roles        string
	// Marked is the title where a search found its words in it, Excerpt another
	// text with them.
	Marked, Excerpt *Marked
}

// Option is one entry of a choice.
type Option struct {
	Href, Label string
	Current     bool
}
