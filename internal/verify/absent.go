package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

// maxAbsent is how many things may be logged and not shown. Only these are
// remembered until the end of the log, where its reasons stand.
const maxAbsent = 1 << 20

// absences are what is not shown, and what the log says of it.
type absences struct {
	list []absent
	// last is the number of the last edition of each record in the list.
	last map[string]int
	// closed is the number of the edition that was the last one when its record
	// was withdrawn, or when that edition was removed by law.
	closed map[string]int
	// removed are the editions that were removed by law.
	removed map[absentEdition]bool
}

type absentEdition struct {
	reference string
	number    int
}

// absent is a leaf of which the site does not show what it is about.
type absent struct {
	absentEdition
	leaf register.LeafType
	// with is the record with which the site says that it was withdrawn: the one
	// into which it was merged.
	with string
}

// count counts what came of a leaf.
func (c *checker) count(l *checked) error {
	if l.leaf.Type != "" {
		c.report.Leaves[l.leaf.Type]++
	}
	if l.err != nil {
		return c.countProblem(l)
	}
	switch l.leaf.Type {
	case register.LeafEdition, register.LeafCorrection:
		c.report.Editions++
	case register.LeafDocument:
		if l.held {
			c.report.Documents++
		} else {
			c.report.NotHandedOut++
		}
	case register.LeafWithdrawal, register.LeafTakedown:
		c.close(l.leaf)
		if l.leaf.Type == register.LeafTakedown && len(c.report.Removals) < most {
			c.report.Removals = append(c.report.Removals, *l.removal)
		}
	case register.LeafKey:
		c.report.LoggedKeys = append(c.report.LoggedKeys, l.key)
	}
	return nil
}

func (c *checker) countProblem(l *checked) error {
	if p, ok := errors.AsType[*problemError](l.err); ok {
		c.report.add(Problem(*p))
		return nil
	}
	if !errors.Is(l.err, tlog.ErrNotServed) || l.leaf.Type == register.LeafTakedown || l.leaf.Type == register.LeafKey {
		c.report.add(Problem{Kind: kindOf(l.err, KindOpening), Subject: leafName(l.position), Cause: l.err})
		return nil
	}
	if l.leaf.Type == register.LeafWithdrawal {
		c.close(l.leaf)
	}
	return c.remember(l)
}

// close takes in that a record was withdrawn, or an edition removed.
func (c *checker) close(l register.Leaf) {
	a := &c.absent
	if a.closed == nil {
		a.closed, a.removed = map[string]int{}, map[absentEdition]bool{}
	}
	a.closed[l.Reference] = max(a.closed[l.Reference], l.Edition)
	if l.Type == register.LeafTakedown {
		a.removed[absentEdition{l.Reference, l.Edition}] = true
	}
}

// remember keeps what is not shown until the log was read to its end.
func (c *checker) remember(l *checked) error {
	a := &c.absent
	if len(a.list) == maxAbsent {
		return failed(KindMissing, "", fmt.Errorf("%d things are logged and not shown", maxAbsent))
	}
	if a.last == nil {
		a.last = map[string]int{}
	}
	a.list = append(a.list, absent{
		absentEdition: absentEdition{l.leaf.Reference, l.leaf.Edition}, leaf: l.leaf.Type, with: withdrawnWith(l.err),
	})
	if l.leaf.Type.IsEdition() {
		a.last[l.leaf.Reference] = max(a.last[l.leaf.Reference], l.leaf.Edition)
	}
	return nil
}

// withdrawnWith reads from what a site says of something that it does not show
// with which record it was withdrawn; "" where it does not say that.
func withdrawnWith(err error) string {
	gone, ok := errors.AsType[*absentError](err)
	if !ok {
		return ""
	}
	var says struct {
		With string `json:"with"`
	}
	if json.Unmarshal(gone.says, &says) != nil {
		return ""
	}
	return says.With
}

// tellAbsent holds what is not shown against what the log says of it.
func (c *checker) tellAbsent() {
	a := &c.absent
	for _, x := range a.list {
		edition := x.leaf.IsEdition()
		switch {
		case a.removed[x.absentEdition]:
			if edition {
				c.report.Removed++
			}
		case a.withdrawn(x.reference), x.with != "" && a.withdrawn(x.with):
			if edition {
				c.report.Withdrawn++
			}
		default:
			c.missing++
			c.report.add(Problem{
				Kind: KindMissing, Subject: editionName(register.Leaf{Reference: x.reference, Edition: x.number}),
				Cause: fmt.Errorf("the leaf (%s) stands in the log, which has no reason why it is not shown", x.leaf),
			})
		}
	}
}

// withdrawn reports whether the log says of a record that it is withdrawn: no
// edition came after.
func (a *absences) withdrawn(reference string) bool {
	at, ok := a.closed[reference]
	return ok && at >= a.last[reference]
}

// compareKeys looks whether a key that signs is in the log: one that nobody
// recorded could not be held against the register.
func (c *checker) compareKeys() {
	if c.report.UnsureCount > 0 {
		return // a leaf of a key may be among what could not be asked
	}
	logged := func(key string) bool { return slices.Contains(c.report.LoggedKeys, key) }
	if !slices.ContainsFunc(c.report.Keys, logged) {
		c.report.add(Problem{Kind: KindKey, Subject: c.report.Keys[0], Cause: errors.New("no leaf commits to it")})
	}
}

// compareList holds the list of keys that the site shows against the keys that
// the log records and those that signed its checkpoint: it follows from them,
// byte by byte.
func (c *checker) compareList(ctx context.Context) {
	if c.report.BrokenCount+c.report.UnsureCount > 0 {
		return // it may be that the keys of the log are not known
	}
	shown, err := c.site.Fetch(ctx, keysPath)
	if err != nil {
		c.report.add(Problem{Kind: kindOf(err, KindKeys), Cause: err})
		return
	}
	newest := slices.Clone(c.report.LoggedKeys)
	slices.Reverse(newest)
	if want := tlog.KeyList(newest, c.report.Signed); !bytes.Equal(shown, want) {
		c.keysDiffer = true
		c.report.add(Problem{Kind: KindKeys, Cause: fmt.Errorf("it would be %q, and is %q", want, shown)})
	}
}
