//go:build linux

package main

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
)

// restartInTurn restarts both nodes behind the delivered nginx one after the other by
// SIGTERM, as an upgrade does, while readers read and analysts log incidents. No request
// fails, every page is the right one, and what was acknowledged is there, once. The
// control is the same with SIGKILL: nginx sends no form twice, so that one fails.
func (f *fleet) restartInTurn(rounds int) {
	f.t.Helper()
	office := hireForKills(f.t, f.nodes[0].site, f.pair.Primary, f.nodes[0].env)
	office.site = f.nginx
	office.signIn(f.t)
	f.learn(0)
	for range rounds {
		for i, n := range f.nodes {
			seen, forms := f.underForms(office, func() {
				n.signal(syscall.SIGTERM)
				<-n.ended
				if code := n.cmd.ProcessState.ExitCode(); code != 0 {
					f.t.Errorf("%s ended with %d", n.name, code)
				}
				n.start()
				f.await(n.name+" works again", f.node(i).back)
			})
			f.t.Logf("%s is restarted by SIGTERM: %d pages, %d forms, %d failed, %d wrong, slowest page %v", n.name,
				seen.asked, len(forms.acknowledged), len(seen.failed)+len(forms.failed), len(seen.wrong), seen.slowest.Round(time.Millisecond))
			for _, w := range slices.Concat(seen.failed, seen.wrong, forms.failed) {
				f.t.Errorf("while %s was restarted: %s", n.name, w)
			}
			if seen.asked < 50 || len(forms.acknowledged) < 5 {
				f.t.Errorf("while %s was restarted there were %d pages and %d forms: this shows little", n.name, seen.asked, len(forms.acknowledged))
			}
			f.areThere(forms)
		}
	}
	for kills := range 12 { // until one was in the middle of a form
		n := f.nodes[kills%len(f.nodes)]
		seen, forms := f.underForms(office, func() {
			n.kill()
			n.start()
			f.await(n.name+" works again", n.works)
		})
		if failed := slices.Concat(seen.failed, forms.failed); len(failed) > 0 {
			f.t.Logf("control: SIGKILL: %d failed at kill %d, such as: %s", len(failed), kills+1, failed[0])
			return
		}
	}
	f.t.Error("control: SIGKILL fails no form either: this test shows nothing")
}

// sentForms are forms that analysts have sent.
type sentForms struct {
	mu           sync.Mutex
	acknowledged []string // by what their incident is called
	failed       []string
}

// underForms has something done under readers and analysts who log one incident after
// another.
func (f *fleet) underForms(office *killedOffice, do func()) (*watched, *sentForms) {
	f.t.Helper()
	forms, stop := &sentForms{}, make(chan struct{})
	var staff sync.WaitGroup
	for range 3 {
		staff.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				title := "Outage " + rand.Text()
				_, err := office.fill(f.t, "/en/desk/incidents/new", "form.desk-form", url.Values{
					"title": {title}, "lang": {"en"}, "kind": {"information-content-security/data-leak"}, "date": {"10 April 2025"},
					"institution.new.name": {"Bureau " + rand.Text()}, "institution.new.kind": {"agency"},
					"url": {"https://press.example/" + title[7:]}, "publisher": {"The Press"},
				})
				forms.mu.Lock()
				if err == nil {
					forms.acknowledged = append(forms.acknowledged, title)
				} else {
					forms.failed = append(forms.failed, fmt.Sprint(err))
				}
				forms.mu.Unlock()
			}
		})
	}
	seen := f.during(f.nginx, do)
	close(stop)
	staff.Wait()
	return seen, forms
}

// areThere looks whether each incident that was acknowledged is there once.
func (f *fleet) areThere(forms *sentForms) {
	f.t.Helper()
	connection, err := pgx.Connect(f.t.Context(), f.pair.Primary.URL(f.pair.DB.Name, localpg.Superuser))
	if err != nil {
		f.t.Fatal(err)
	}
	defer connection.Close(f.t.Context()) //nolint:errcheck // it was only read
	for _, title := range forms.acknowledged {
		var n int
		if err := connection.QueryRow(f.t.Context(), `SELECT count(*) FROM desk.incidents WHERE title->>'en' = $1`, title).Scan(&n); err != nil || n != 1 {
			f.t.Errorf("%s was acknowledged, and is there %d times (%v)", title, n, err)
		}
	}
}
