package jobs

import (
	"context"
	"strings"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Post takes the letters of auth to the outbox, in the transaction that they
// belong to.
type Post struct{}

// Send implements auth.Post.
func (Post) Send(ctx context.Context, q store.Querier, letter auth.Letter) error {
	return desk.New(q).EnqueueMail(ctx, mailOf(letter))
}

// Pretend implements auth.Post.
func (Post) Pretend(ctx context.Context, q store.Querier, letter auth.Letter) error {
	return desk.New(q).EnqueueNoMail(ctx, mailOf(letter))
}

func mailOf(letter auth.Letter) register.Mail {
	m := register.Mail{
		Kind: kindOf(letter.Kind), Address: letter.To, Name: letter.Name, Language: letter.Lang,
		Path: strings.TrimPrefix(letter.Path, "/"+string(letter.Lang)), Until: letter.Until, Device: letter.Device, At: letter.At,
	}
	if letter.Token != "" {
		m.Title = register.Text{letter.Lang: letter.Token}
	}
	return m
}

func kindOf(kind auth.LetterKind) register.MailKind {
	switch kind {
	case auth.LetterInvitation:
		return register.MailInvitation
	case auth.LetterReset:
		return register.MailPasswordReset
	case auth.LetterEmail:
		return register.MailConfirmAddress
	case auth.LetterEmailChanged:
		return register.MailAddressChanged
	case auth.LetterPassword:
		return register.MailPasswordChanged
	case auth.LetterResetDone:
		return register.MailPasswordSet
	case auth.LetterToken:
		return register.MailTokenMade
	case auth.LetterDevice:
		return register.MailNewDevice
	case auth.LetterFactor:
		return register.MailSecondFactor
	}
	return register.MailKind(kind)
}
