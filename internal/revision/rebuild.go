package revision

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// nounOf makes the noun that a tree describes.
func nounOf[N Noun](n *node) (*N, error) {
	out := new(N)
	if err := n.write(reflect.ValueOf(out).Elem()); err != nil {
		return nil, err
	}
	return out, nil
}

// write puts what the node says into v, which is empty.
func (n *node) write(v reflect.Value) error {
	switch n.kind {
	case leaf:
		return n.writeLeaf(v)
	case text:
		t := register.Text{}
		for _, kid := range n.kids {
			if kid.value != "" {
				t[register.Lang(kid.name)] = kid.value
			}
		}
		v.Set(reflect.ValueOf(t))
		return nil
	case list:
		return n.writeList(v)
	case group:
		return n.writeGroup(v)
	}
	return nil
}

func (n *node) writeList(v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), len(n.kids), len(n.kids)))
	for i, kid := range n.kids {
		if err := kid.write(v.Index(i)); err != nil {
			return err
		}
		if kid.own != "" {
			v.Index(i).FieldByName("Key").SetString(kid.own)
		}
	}
	return nil
}

func (n *node) writeGroup(v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		if n.empty() {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	for _, kid := range n.kids {
		if err := kid.write(v.FieldByName(kid.field)); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) writeLeaf(v reflect.Value) error {
	if n.value == "" {
		return nil
	}
	switch v.Interface().(type) {
	case edtf.Date:
		date, err := edtf.Parse(n.value)
		if err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		v.Set(reflect.ValueOf(date))
		return nil
	case register.ClaimRef:
		statement, claim, _ := strings.Cut(n.value, "#")
		v.Set(reflect.ValueOf(register.ClaimRef{Statement: register.Ref(statement), Claim: claim}))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.value)
	case reflect.Bool:
		v.SetBool(n.value == "true")
	default:
		return n.writeNumber(v)
	}
	return nil
}

func (n *node) writeNumber(v reflect.Value) error {
	i, err := strconv.ParseInt(n.value, 10, 64)
	if err != nil {
		return fmt.Errorf("%s: %w", n.name, err)
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.ValueOf(&i))
		return nil
	}
	v.SetInt(i)
	return nil
}
