package testkit_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// dialers are what opens connections to others.
func dialers() []string {
	return []string{
		"net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.DialIP", "net.DialUnix", "net.Dialer", "net.Resolver", "net.DefaultResolver",
		"net.LookupHost", "net.LookupIP", "net.LookupAddr", "net.LookupMX", "net.LookupTXT", "net.LookupCNAME",
		"net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm", "net/http.DefaultClient", "net/http.DefaultTransport",
		"net/http.Client", "net/http.Transport", "crypto/tls.Dial", "crypto/tls.DialWithDialer", "crypto/tls.Dialer", "net/smtp.Dial", "net/smtp.SendMail",
	}
}

// mayDial are the two rooms that may, with what for.
func mayDial() []string {
	return []string{"internal/capture", "internal/outbound"}
}

// dialed lists where a package makes or uses what dials. To hold a client that
// somebody else has made is no dialing: a pointer type alone is not named.
func dialed(shop *workshop, s *source) []string {
	var out []string
	for _, file := range s.files {
		held := map[*ast.Ident]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StarExpr: // *http.Client as a type
				if selector, ok := n.X.(*ast.SelectorExpr); ok && s.info.Types[n].IsType() {
					held[selector.Sel] = true
				}
			case *ast.Ident:
				if used := s.info.Uses[n]; used != nil && !held[n] && opens(used) {
					out = append(out, shop.place(n))
				}
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// opens reports whether an object opens connections: one of the list, or the field
// by which the dialing of a client of others is decided.
func opens(used types.Object) bool {
	return used.Pkg() != nil && used.Parent() == used.Pkg().Scope() && slices.Contains(dialers(), used.Pkg().Path()+"."+used.Name())
}

// TestOnlyTwoClientsDial: addresses that come from users or from pages are reached
// by internal/capture, those of the operator by internal/outbound; nobody else opens
// a connection, the drivers of the database aside.
func TestOnlyTwoClientsDial(t *testing.T) {
	t.Parallel()
	shop := openedWorkshop(t)
	dialing := map[string]int{}
	for _, s := range shop.ours(t, "net", "crypto/tls") {
		name := strings.TrimPrefix(s.path, module)
		found := dialed(shop, s)
		if dialing[name] = len(found); slices.Contains(mayDial(), name) {
			continue
		}
		for _, place := range found {
			t.Errorf("%s: opens a connection; only %v may", place, mayDial())
		}
	}
	for _, name := range mayDial() {
		if dialing[name] == 0 {
			t.Errorf("control: %s dials and is not noticed", name)
		}
	}
	planted := shop.planted(t, "dial")
	if found, want := dialed(shop, planted), shop.wanted(planted); !slices.Equal(found, want) || len(want) == 0 {
		t.Errorf("control: found %q, want %q", found, want)
	}
}

// TestClientsOfOthersDialAsOurs: libraries that bring a client of their own are
// given ours.
func TestClientsOfOthersDialAsOurs(t *testing.T) {
	t.Parallel()
	shop := openedWorkshop(t)
	given := map[string]string{
		"github.com/minio/minio-go/v7.New":      "Transport",
		"github.com/wneessen/go-mail.NewClient": "outbound.Dial",
	}
	seen := 0
	for _, s := range shop.ours(t, "github.com/minio/minio-go", "github.com/wneessen/go-mail") {
		for _, file := range s.files {
			uses := map[string]bool{}
			var made []string
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if f := callee(s, n); f != nil && given[f.FullName()] != "" {
						made = append(made, f.FullName())
					}
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok {
						uses[key.Name] = true
					}
				case *ast.SelectorExpr:
					if from, ok := n.X.(*ast.Ident); ok {
						uses[from.Name+"."+n.Sel.Name] = true
					}
				}
				return true
			})
			for _, name := range made {
				seen++
				if !uses[given[name]] {
					t.Errorf("%s: %s is not given %s", shop.place(file), name, given[name])
				}
			}
		}
	}
	if seen < len(given) {
		t.Errorf("%d clients of others were seen", seen)
	}
}
