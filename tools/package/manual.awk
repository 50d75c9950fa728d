# Turns what `wgan VERB --help` prints into a page of the manual, in the man macros of roff.
#   awk -v command="wgan data inspect" -v version=0.1.0 -v summary=TEXT -v related="NAME ..." -f ...

# Text that roff prints as it is.
function plain(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/\|/, "|\\:", text)  # a line may break there
  sub(/^[.']/, "\\\\\\&&", text)  # would be a request
  return text
}

# Name of an option, verb or argument in bold, what stands for its value in italics.
function label(text,    space) {
  space = index(text, " ")
  if (!space || whole) return "\\fB" plain(text) "\\fR"
  return "\\fB" plain(substr(text, 1, space - 1)) "\\fR \\fI" plain(substr(text, space + 1)) "\\fR"
}

function heading(title) {
  whole = title ~ /^First steps$| refused/  # entries are commands or conditions
  if (title == "Positionals") print ".SH ARGUMENTS"
  else if (title == "Most used options") print ".SH OPTIONS\n.SS " title
  else if (title == "Options") print ".SH OPTIONS"
  else if (title == "Subcommands") print ".SH VERBS"
  else if (title == "Experiments") print ".SH EXPERIMENTS"
  else if (title == "First steps") print ".SH EXAMPLES"
  else print ".SS " plain(title)
}

# "  --flag TYPE      what it does", or the name alone and the rest on the next lines.
function entry(line,    gap) {
  sub(/^  /, "", line)
  gap = match(line, /  /)
  if (!gap && match(line, /^(--[a-z0-9-]+ [A-Z:]+|.*\(required\)) [^ ]/)) gap = RSTART + RLENGTH - 2
  print ".TP"
  print label(gap ? substr(line, 1, gap - 1) : line)
  if (gap) {
    line = substr(line, gap)
    sub(/^ +/, "", line)
    print plain(line)
  }
}

BEGIN {
  name = command
  gsub(/ /, "-", name)
  printf ".TH \"%s\" 1 \"\" \"wgan %s\" \"User Commands\"\n", plain(toupper(name)), version
  print ".nh\n.ad l\n.SH NAME"
  print plain(name) " \\- " plain(summary)
}

END {
  if (related == "") exit
  count = split(related, names, " ")
  print ".SH SEE ALSO"
  for (i = 1; i <= count; ++i) {
    printf "\\fB%s\\fR(1)%s\n", plain(names[i]), i < count ? "," : ""
  }
}

/^[Uu]sage: / {
  sub(/^[Uu]sage: /, "")
  print ".SH SYNOPSIS\n\\fB" plain(command) "\\fR" plain(substr($0, length(command) + 1))
  if (described != "") print ".SH DESCRIPTION\n" described
  begun = 1
  next
}

!begun && $0 == "" { parted = "\n.PP"; next }
!begun { described = described (described == "" ? "" : parted "\n") plain($0); parted = ""; next }

/^Exit codes: / { print ".SH EXIT STATUS"; sub(/^Exit codes: /, "") }
/^[^ ].*:$/ { heading(substr($0, 1, length($0) - 1)); next }
/^$/ { blank = 1; next }
/^  [^ ]/ { entry($0); blank = 0; next }
/^      / { sub(/^ +/, ""); print plain($0); next }
{ if (blank) print ".PP"; print plain($0); blank = 0 }
