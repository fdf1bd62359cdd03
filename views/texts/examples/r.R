library(jsonlite)

# A table of all incidents; what is not stated is NA
address <- "https://sijil.example/api/v1/incidents?fields=occurred,standing,edition,sha256&limit=100"
rows <- list()
while (!is.null(address)) {
  page <- fromJSON(address, simplifyVector = FALSE)
  for (incident in page$data) {
    occurred <- incident$occurred$edtf
    rows[[length(rows) + 1]] <- data.frame(
      id = incident$id,
      occurred = if (is.null(occurred)) NA else occurred,
      standing = incident$standing,
      edition = incident$edition,
      sha256 = incident$sha256
    )
  }
  address <- page$`next`
}
print(do.call(rbind, rows))
