package web

// Watched is the record as the server reads it.
func Watched(r Records) Records { return watched{r} }
