package editorial

import (
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// waitStep is how often the second sending of a form looks whether the first
// is done, and notedWithin how long it waits to be told where the first led, once
// that is committed: the next statement says it, unless the program was ended between.
const (
	waitStep    = 50 * time.Millisecond
	notedWithin = 5 * time.Second
)

// errTakenOver means that a sending took so long that another one of the same form was
// let in its place. It is no ErrConflict: nobody has changed what the form is about.
var errTakenOver = errors.New("the form was taken for broken off, and sent again")

// Once sees to it that a form that is sent twice, by two clicks, by going back, or after
// the program or the database broke off, does its work once. do works and returns the
// address to which the form leads, "" when it was not accepted, or was answered at
// once; for the second sending Once returns that address, with again set, without
// calling do. The address is "" where nobody knows it any more, but the work is done.
// A form whose fields were changed is another form. The word is the form's own, and
// random; without one, do is called each time.
//
// do must work under the context that it is given: each transaction of it marks the
// form as done in the same commit (store.WithReceipt). Where the work is several
// transactions, those that can be done again without harm, and must be if the rest was
// not, are to be kept out of it (store.WithoutReceipt): a form that is marked is never
// worked on again.
func (e *Editorial) Once(
	ctx context.Context, actor register.Actor, word string, fields url.Values, do func(context.Context) (string, error),
) (result string, again bool, err error) {
	if len(word) < 10 || len(word) > 64 {
		result, err = do(ctx)
		return result, false, err
	}
	d := desk.New(e.db.Querier())
	s := desk.Submission{Account: actor.ID, Once: word, SHA256: hashFields(fields)}
	for {
		s.At = e.now().UTC().Truncate(time.Microsecond) // as it is kept: it is compared
		first, err := d.BeginSubmission(ctx, s)
		if err != nil {
			return "", false, err
		}
		if first {
			result, err = e.workOn(ctx, s, do)
			if !errors.Is(err, errTakenOver) {
				return result, false, err
			}
			continue // who took it over says where it led
		}
		outcome, err := d.SubmissionOutcome(ctx, s)
		switch {
		case errors.Is(err, register.ErrNotFound): // the first was not accepted
		case err != nil || outcome.Result != "":
			return outcome.Result, true, err
		case !outcome.DoneAt.IsZero() && e.now().Sub(outcome.DoneAt) >= notedWithin:
			return "", true, nil
		default:
			if err := pause(ctx); err != nil {
				return "", false, err
			}
		}
	}
}

// workOn does the work of a form that nobody else is working on, and notes what came
// of it, also when the person has left meanwhile.
func (e *Editorial) workOn(ctx context.Context, s desk.Submission, do func(context.Context) (string, error)) (string, error) {
	result, err := do(store.WithReceipt(ctx, func(ctx context.Context, q store.Querier) error {
		own, err := desk.New(q).MarkSubmission(ctx, s, e.now().UTC())
		if err == nil && !own {
			err = errTakenOver
		}
		return err
	}))
	ctx, d := context.WithoutCancel(ctx), desk.New(e.db.Querier())
	if err == nil && result != "" {
		return result, d.EndSubmission(ctx, s, result)
	}
	// An error may have come after the commit, or in its place: a connection that breaks
	// then does not say whether it was done, and the mark does.
	return result, errors.Join(err, d.DropSubmission(ctx, s, err != nil))
}

func pause(ctx context.Context) error {
	timer := time.NewTimer(waitStep)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hashFields is a hash of the names and values of a form.
func hashFields(fields url.Values) []byte {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range fields[name] {
			_, _ = sum.Write([]byte(url.QueryEscape(name) + "=" + url.QueryEscape(value) + "&")) // a hash takes everything
		}
	}
	return sum.Sum(nil)
}
