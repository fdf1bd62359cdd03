package drafts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/api"
)

// name writes the type of a record in the name of an operation.
func name(verb string, t register.RecordType) string {
	return verb + map[register.RecordType]string{
		register.TypeIncident: "Incident", register.TypeStatement: "Statement", register.TypeInstitution: "Institution",
	}[t] + "Draft"
}

// Create makes drafts of a type.
func Create(t register.RecordType) Operation {
	body, _ := types(t)
	return Operation{
		Writing: api.Writing{
			ID: name("create", t), Summary: "Make a draft: " + string(t) + ".", Method: http.MethodPost, Scope: register.ScopeWrite,
			Body: body, Answers: reflect.TypeFor[exchange.DraftResource](), Status: http.StatusCreated,
			Description: "A draft may lack anything but its language and its slug; missing says what it needs to be published, which people decide.",
		},
		handle: func(d *Drafts, ctx context.Context, r Request) (Answer, error) {
			e, err := edit(t, r.Body)
			if err != nil {
				return Answer{}, err
			}
			reply, err := d.editorial.WriteDraft(ctx, r.By.Actor, asked(r), e, d.answerer(r.Lang, http.StatusCreated))
			return d.replied(reply, t), err
		},
	}
}

// Change writes a draft anew.
func Change(t register.RecordType) Operation {
	body, _ := types(t)
	return Operation{
		Writing: api.Writing{
			ID: name("change", t), Summary: "Write a draft anew: " + string(t) + ".", Method: http.MethodPut, Scope: register.ScopeWrite,
			Body: body, Answers: reflect.TypeFor[exchange.DraftResource](), Status: http.StatusOK, OnDraft: true,
			Description: "What is in review or approved goes back to being a draft, as at the desk.",
		},
		handle: func(d *Drafts, ctx context.Context, r Request) (Answer, error) {
			seen, err := version(r)
			if err != nil {
				return Answer{}, err
			}
			e, err := edit(t, r.Body)
			if err != nil {
				return Answer{}, err
			}
			e.Draft.ID, e.Draft.Version = register.Ref(r.ID), seen
			reply, err := d.editorial.WriteDraft(ctx, r.By.Actor, asked(r), e, d.answerer(r.Lang, http.StatusOK))
			return d.replied(reply, t), err
		},
	}
}

// Show answers a draft as it is.
func Show(t register.RecordType) Operation {
	_, answers := types(t)
	return Operation{
		Writing: api.Writing{
			ID: name("get", t), Summary: "A draft: " + string(t) + ".", Method: http.MethodGet, Scope: register.ScopeRead,
			Answers: answers, Status: http.StatusOK, OnDraft: true,
		},
		handle: func(d *Drafts, ctx context.Context, r Request) (Answer, error) {
			draft, head, err := d.editorial.Load(ctx, r.By.Actor, register.Ref(r.ID))
			if err != nil {
				return Answer{}, err
			}
			if head.Type != t {
				return Answer{}, register.ErrNotFound
			}
			whole := d.resource(r.Lang, head, draft.Missing())
			var out any
			switch t {
			case register.TypeIncident:
				out = exchange.DraftIncidentResource{DraftResource: whole, Record: *draft.Incident}
			case register.TypeStatement:
				out = exchange.DraftStatementResource{DraftResource: whole, Record: *draft.Statement}
			case register.TypeInstitution:
				out = exchange.DraftInstitutionResource{DraftResource: whole, Record: *draft.Institution}
			}
			body, err := json.Marshal(map[string]any{"data": out})
			if err != nil {
				return Answer{}, fmt.Errorf("drafts: %w", err)
			}
			return Answer{Status: http.StatusOK, Version: head.Version, Body: append(body, '\n')}, nil
		},
	}
}

// Send sends a draft for review, with what it needs.
func Send(t register.RecordType) Operation {
	return Operation{
		Writing: api.Writing{
			ID: name("send", t), Summary: "Send a draft for review: " + string(t) + ".", Method: http.MethodPost, Scope: register.ScopeSend,
			Body: reflect.TypeFor[exchange.ReviewWriting](), Answers: reflect.TypeFor[exchange.DraftResource](), Status: http.StatusOK, OnDraft: true,
			Description: "Drafts that it shows and that are not public yet go along. Somebody else decides, at the desk.",
		},
		handle: func(d *Drafts, ctx context.Context, r Request) (Answer, error) {
			seen, err := version(r)
			if err != nil {
				return Answer{}, err
			}
			var w exchange.ReviewWriting
			if err := decode(r.Body, &w); err != nil {
				return Answer{}, err
			}
			if _, head, err := d.editorial.Load(ctx, r.By.Actor, register.Ref(r.ID)); err != nil || head.Type != t {
				if err == nil {
					err = register.ErrNotFound
				}
				return Answer{}, err
			}
			v := editorial.Version{ID: register.Ref(r.ID), Version: seen}
			reply, err := d.editorial.SendDraft(ctx, r.By.Actor, asked(r), v, w.Note, d.answerer(r.Lang, http.StatusOK))
			return d.replied(reply, t), err
		},
	}
}
