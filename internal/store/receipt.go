package store

import "context"

// Receipt notes in a transaction that what it does is done.
type Receipt func(ctx context.Context, q Querier) error

type receiptKey struct{}

// WithReceipt returns a context under which every transaction of InTx ends with a
// receipt: that something was done, and that this is known, become true in one commit,
// and no kill comes between. It is the last statement, so that the row that it locks is
// locked for no longer than the commit; when it fails nothing is committed.
//
// The context carries it, and not an argument, since who asks for a receipt does not know
// which transaction does the work: that is several rooms further down.
func WithReceipt(ctx context.Context, receipt Receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, receipt)
}

// WithoutReceipt returns a context under which transactions give no receipt: for what is
// committed before the work itself, and stands though the work is refused or never done.
func WithoutReceipt(ctx context.Context) context.Context {
	return context.WithValue(ctx, receiptKey{}, Receipt(nil))
}

// receipt gives the receipt that the context asks for.
func (tx *transaction) receipt(ctx context.Context) error {
	give, _ := ctx.Value(receiptKey{}).(Receipt)
	if give == nil {
		return nil
	}
	return give(ctx, tx)
}
