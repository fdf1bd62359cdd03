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
	"github.com/sijil/sijil/internal/store/desk"
)

// waitStep is how often the second sending of a form looks whether the first
// is done.
const waitStep = 50 * time.Millisecond

// Once sees to it that a form that is sent twice, by two clicks or by going
// back, does its work once. do works and returns the address to which the form
// leads, "" when it was not accepted; for the second sending Once returns that
// address, with again set, without calling do. A form whose fields were changed
// is another form. The word is the form's own, and random; without one, do is
// called each time.
func (e *Editorial) Once(ctx context.Context, actor register.Actor, word string, fields url.Values, do func() (string, error)) (result string, again bool, err error) {
	if len(word) < 10 || len(word) > 64 {
		result, err = do()
		return result, false, err
	}
	d := desk.New(e.db.Querier())
	s := desk.Submission{Account: actor.ID, Once: word, SHA256: hashFields(fields)}
	for {
		first, err := d.BeginSubmission(ctx, s, e.now().UTC())
		if err != nil {
			return "", false, err
		}
		if first {
			result, err = do()
			// It is noted also when the person has left meanwhile.
			return result, false, errors.Join(err, d.EndSubmission(context.WithoutCancel(ctx), s, result))
		}
		result, err = d.SubmissionResult(ctx, s)
		switch {
		case errors.Is(err, register.ErrNotFound): // the first was not accepted
		case err != nil || result != "":
			return result, true, err
		default:
			if err := pause(ctx); err != nil {
				return "", false, err
			}
		}
	}
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
