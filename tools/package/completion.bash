# Completes the verbs, flags and choices of wgan in bash. What its help names follows below: the
# verbs and flags of each command; one that takes a value ends in = and the choices, where there are.

_wgan() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
  if [[ "$current" == = ]]; then  # --flag=VALUE comes as three words
    current=''
  elif [[ "$previous" == = ]]; then
    previous="${COMP_WORDS[COMP_CWORD - 2]}"
  fi

  local command=wgan word words
  _wgan_words "$command"
  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ "$word" != -* && " $words " == *" $word "* ]]; then
      command+=" $word"
      _wgan_words "$command"
    fi
  done

  local candidates=''
  for word in $words; do
    if [[ "$word" == "$previous="* ]]; then
      candidates="${word#*=}"
      candidates="${candidates//|/ }"
      break
    fi
    if [[ "$word" == --* && "$current" == -* ]]; then candidates+=" ${word%%=*}"; fi
    if [[ "$word" != -* && "$current" != -* ]]; then candidates+=" $word"; fi
  done
  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
}

complete -o default -F _wgan wgan  # by default: names of files

