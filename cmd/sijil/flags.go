package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// newFlags makes the flags of a subcommand, with what follows its name and a
// sentence for its help.
func (p program) newFlags(name, operands, about string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are reported once, by main
	flags.Usage = func() {
		flags.SetOutput(p.stdout)
		say(p.stdout, "Usage: sijil %s %s\n\n%s", name, operands, about)
		flags.PrintDefaults()
		flags.SetOutput(io.Discard)
	}
	return flags
}

// parse reads flags and returns the arguments after them. More than allowed are
// a wrong call: a word that is silently ignored is a misunderstanding.
func parse(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	help := flags.Usage
	flags.Usage = func() {} // not on errors
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help()
		return nil, errHelp
	case err != nil:
		return nil, &usageError{fmt.Sprintf("%s: %v", flags.Name(), err)}
	case flags.NArg() > most:
		return nil, &usageError{fmt.Sprintf("%s: %q is too much", flags.Name(), strings.Join(flags.Args()[most:], " "))}
	}
	return flags.Args(), nil
}

// parseAround reads one or two words with flags before, between or after them,
// as people write them. The second word is "" where there is none.
func parseAround(flags *flag.FlagSet, args []string) ([2]string, error) {
	var words [2]string
	for i := 0; ; i++ {
		rest, err := parse(flags, args, len(args))
		switch {
		case err != nil:
			return words, err
		case len(rest) == 0 && i == 0:
			return words, &usageError{flags.Name() + ": a word is missing; see -h"}
		case len(rest) == 0:
			return words, nil
		case i == len(words):
			return words, &usageError{fmt.Sprintf("%s: %q is too much", flags.Name(), strings.Join(rest, " "))}
		}
		words[i], args = rest[0], rest[1:]
	}
}
