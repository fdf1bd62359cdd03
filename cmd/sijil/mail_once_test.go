//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httputil"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAMailIsSentOnceHoweverManyNodesRun: two nodes do the jobs of one database. Of
// each event that mails, one letter arrives, exactly, while nobody is killed.
//
// A node that is killed while it sends leaves a mail of which nobody can know whether
// the server has it. The promise is then that it arrives at least once: not at all
// twice where the server had not taken it, and where it had, but could not say so
// any more, a second time under the same Message-ID, by which mail programs know
// that it is the same.
func TestAMailIsSentOnceHoweverManyNodesRun(t *testing.T) {
	server, env := production(t)
	m := &letterbox{held: map[string]chan struct{}{}, holding: make(chan holder, 16), dead: make(chan struct{})}
	t.Cleanup(func() { close(m.dead) })
	env["SIJIL_MAIL_FROM"], env["SIJIL_CAPTURE"], env["SIJIL_LOG_LEVEL"] = "Sijil <desk@sijil.example>", "off", "warn"
	o := &mailOffice{t: t, server: server, box: m}
	var err error
	if o.db, err = store.Open(t.Context(), env["DATABASE_URL"], store.DeskSide); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.db.Close)

	o.sendTwice(env)
	if t.Failed() {
		return
	}
	var nodes []*process
	for i := range 2 {
		env["SIJIL_SMTP_URL"] = "smtp+plain://" + m.open(t, i)
		nodes = append(nodes, newProcess(t, fmt.Sprintf("node %d", i+1), env))
	}
	o.manyAtOnce(nodes)
	o.killed(nodes)
}

// mailOffice is what mails, and looks for what becomes of it.
type mailOffice struct {
	t      *testing.T
	server *localpg.Server
	db     *store.DB
	box    *letterbox
}

// write puts mails into the outbox, each in a transaction of its own, all at once.
func (o *mailOffice) write(to ...string) {
	o.t.Helper()
	var writing sync.WaitGroup
	for _, address := range to {
		writing.Go(func() {
			err := o.db.InTx(o.t.Context(), func(q store.Querier) error {
				return desk.New(q).EnqueueMail(o.t.Context(), register.Mail{
					Kind: register.MailAssigned, Address: address, Name: "Nadia", Language: register.French, Path: "/desk/incidents/x",
				})
			})
			if err != nil {
				o.t.Error(err)
			}
		})
	}
	writing.Wait()
}

// rows are the mails of the outbox.
func (o *mailOffice) rows() []desk.MailRow {
	o.t.Helper()
	rows, err := desk.New(o.db.Querier()).Mails(o.t.Context(), time.Time{}, "", 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}

// sent waits until none of the mails waits any more.
func (o *mailOffice) sent(patience time.Duration) time.Duration {
	o.t.Helper()
	begin := time.Now()
	for time.Since(begin) < patience {
		if rows := o.rows(); !slices.ContainsFunc(rows, func(r desk.MailRow) bool { return r.State != desk.MailSent }) {
			return time.Since(begin)
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, r := range o.rows() {
		if r.State != desk.MailSent {
			o.t.Errorf("the mail to %s is %s after %v: %s", r.Mail.Address, r.State, patience, r.Failure)
		}
	}
	return 0
}

// sendTwice is the control: the same mail is given to two that send and do not
// know of each other, as it would be if jobs were not taken by one alone.
func (o *mailOffice) sendTwice(env map[string]string) {
	o.t.Helper()
	messages, err := i18n.Load(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	o.write("control@example.org")
	let := o.box.hold("taken control@example.org")
	var sending sync.WaitGroup
	for i := range 2 {
		sender, err := mail.NewSMTP("smtp+plain://"+o.box.open(o.t, i), env["SIJIL_MAIL_FROM"], time.Minute)
		if err != nil {
			o.t.Fatal(err)
		}
		box := &jobs.Outbox{DB: o.db, Writer: mail.NewWriter(messages, env["SIJIL_BASE_URL"]), Sender: sender, Now: time.Now}
		id := o.rows()[0].ID
		sending.Go(func() {
			if err := box.Send(o.t.Context(), id, jobs.Attempt{}); err != nil {
				o.t.Error(err)
			}
		})
	}
	for range 2 {
		o.box.wait(o.t)
	}
	let()
	sending.Wait()
	if wrong := o.box.faults(map[string]int{"control@example.org": 1}); len(wrong) != 1 || !strings.Contains(wrong[0], "2 times") {
		o.t.Errorf("a mail that was sent by two is not seen: %q", wrong)
	}
}

// manyAtOnce has events mail while both nodes are at work, one of them a person who
// asks for another password at the desk.
func (o *mailOffice) manyAtOnce(nodes []*process) {
	o.t.Helper()
	want := map[string]int{"control@example.org": 2, "nadia@example.org": 1}
	if _, err := desk.New(o.db.Querier()).EnsureAccount(o.t.Context(), desk.Account{
		Email: "nadia@example.org", Name: "Nadia", Role: register.RoleAnalyst, Language: register.French,
	}); err != nil {
		o.t.Fatal(err)
	}
	var to []string
	for i := range 24 {
		address := fmt.Sprintf("person%d@example.org", i)
		to, want[address] = append(to, address), 1
	}
	desk := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(nodes[0].site) }}
	if a := testkit.Post(o.t, desk, "/fr/desk/forgot", url.Values{"email": {"nadia@example.org"}}); a.Status >= 400 {
		o.t.Errorf("another password: status %d: %s", a.Status, a.Text("main"))
	}
	o.write(to...)
	took := o.sent(time.Minute)
	time.Sleep(time.Second) // for what would come a second time
	for _, wrong := range o.box.faults(want) {
		o.t.Error(wrong)
	}
	byNode := o.box.byNode()
	o.t.Logf("%d mails in %v, %d by the first node and %d by the second: each arrived once", len(to)+1, took.Round(time.Millisecond), byNode[0], byNode[1])
}

// killed kills the node that sends: one mail before the server has it, and one after
// that, before it has said so. The other node, which slept meanwhile, goes on.
func (o *mailOffice) killed(nodes []*process) {
	o.t.Helper()
	const before, after = "before@example.org", "after@example.org"
	letGo := []func(){o.box.hold("begun " + before), o.box.hold("taken " + after)}
	nodes[1].signal(syscall.SIGSTOP)
	o.write(before, after)
	for range 2 {
		if h := o.box.wait(o.t); h.node != 0 {
			o.t.Fatalf("%s: by a node that sleeps", h.at)
		}
	}
	nodes[1].signal(syscall.SIGCONT)
	nodes[0].kill()
	for _, let := range letGo {
		let()
	}
	// A job under way is taken for lost after three minutes, by the clock of the
	// database: they have passed.
	connection, err := pgx.Connect(o.t.Context(), o.server.URL("sijil", localpg.Superuser))
	if err != nil {
		o.t.Fatal(err)
	}
	defer connection.Close(o.t.Context()) //nolint:errcheck // the test ends
	tag, err := connection.Exec(o.t.Context(), `UPDATE jobs.river_job SET attempted_at = attempted_at - interval '4 minutes' WHERE state = 'running' AND kind = 'send-mail'`)
	if err != nil || tag.RowsAffected() != 2 {
		o.t.Fatalf("%d mails were under way, %v", tag.RowsAffected(), err)
	}
	took := o.sent(2 * time.Minute)
	nodes[0].start() // what it had under way is not sent once more
	nodes[0].ready()
	time.Sleep(time.Second)
	for address, most := range map[string]int{before: 1, after: 2} {
		letters := o.box.to(address)
		if len(letters) == 0 || len(letters) > most {
			o.t.Errorf("the mail %s arrived %d times, want 1 to %d", address, len(letters), most)
		}
		for _, l := range letters {
			if l.id == "" || l.id != letters[0].id {
				o.t.Errorf("the mail %s came as %q and as %q", address, letters[0].id, l.id)
			}
		}
	}
	o.t.Logf("a node killed while it sent: %d letter of the mail that the server had not taken, %d of the one that it had, sent by the other after %v",
		len(o.box.to(before)), len(o.box.to(after)), took.Round(time.Second))
}

// letterbox is a mail server with a door for each node, which keeps what it gets.
type letterbox struct {
	mu      sync.Mutex
	letters []letter
	held    map[string]chan struct{} // by stage and receiver
	holding chan holder
	dead    chan struct{}
}

// letter is what the server has taken.
type letter struct {
	node   int
	to, id string
}

// holder is a node that waits for an answer which the server holds back.
type holder struct {
	node int
	at   string
}

// open opens a door and returns its address.
func (m *letterbox) open(t *testing.T, node int) string {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{letterbox: m, node: node}, nil }))
	server.Domain = "localhost"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener) //nolint:errcheck // it ends by Close
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// hold has the server keep an answer back: "begun" before the letter, "taken"
// after it. What is returned lets it go on.
func (m *letterbox) hold(at string) (letGo func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := make(chan struct{})
	m.held[at] = open
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.held, at)
		close(open)
	}
}

// wait waits for a node that is held.
func (m *letterbox) wait(t *testing.T) holder {
	t.Helper()
	select {
	case h := <-m.holding:
		return h
	case <-time.After(time.Minute):
		t.Fatal("nobody sends")
		return holder{}
	}
}

// stand stops whoever is to be held.
func (m *letterbox) stand(node int, at string) {
	m.mu.Lock()
	open := m.held[at]
	m.mu.Unlock()
	if open == nil {
		return
	}
	m.holding <- holder{node, at}
	select {
	case <-open:
	case <-m.dead:
	}
}

// to are the letters that came to somebody.
func (m *letterbox) to(address string) []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.letters), func(l letter) bool { return l.to != address })
}

func (m *letterbox) byNode() map[int]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int]int{}
	for _, l := range m.letters {
		if !strings.HasPrefix(l.to, "control@") {
			out[l.node]++
		}
	}
	return out
}

// faults says of whom there are more or fewer letters than there should be.
func (m *letterbox) faults(want map[string]int) []string {
	m.mu.Lock()
	got := map[string]int{}
	for _, l := range m.letters {
		got[l.to]++
		if _, ok := want[l.to]; !ok {
			want[l.to] = 0
		}
	}
	m.mu.Unlock()
	var out []string
	for address, n := range want {
		if got[address] != n {
			out = append(out, fmt.Sprintf("the mail to %s arrived %d times, want %d", address, got[address], n))
		}
	}
	return out
}

// delivery is one connection.
type delivery struct {
	*letterbox
	node int
	to   string
}

// Mail, Rcpt, Data, Reset and Logout implement smtp.Session.
func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	d.stand(d.node, "begun "+to)
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("cut off: %w", err)
	}
	message, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return errors.New("no message")
	}
	d.mu.Lock()
	d.letters = append(d.letters, letter{node: d.node, to: d.to, id: message.Header.Get("Message-ID")})
	d.mu.Unlock()
	d.stand(d.node, "taken "+d.to)
	return nil
}

func (d *delivery) Reset()        {}
func (d *delivery) Logout() error { return nil }
