/**
 * Completion scripts for shells. They know nothing themselves: at each Tab they ask `nodepool` what may
 * follow, so they never grow old.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Printed alone: names of files are wanted. */
export const FILES = ':files';

const BASH = `# Completion of nodepool for bash: source <(nodepool completion bash)
_nodepool() {
  local line found program=\${COMP_WORDS[0]/#\\~/$HOME} typed=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  found=$("$program" completion bash --complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return 0
  if [[ $found == '${FILES}' ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$typed")
    return 0
  fi
  while IFS= read -r line; do
    [[ -n $line ]] && COMPREPLY+=("\${line%%$'\\t'*}")
  done <<< "$found"
}
complete -F _nodepool nodepool`;

const ZSH = `#compdef nodepool
# Completion of nodepool for zsh: source <(nodepool completion zsh), after compinit
_nodepool() {
  local -a lines values
  local line
  lines=("\${(@f)$(\${(Q)words[1]} completion zsh --complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ \${lines[1]} == '${FILES}' ]]; then
    _files
    return
  fi
  for line in $lines; do
    local value=\${line%%$'\\t'*}
    value=\${value//:/\\\\:}
    [[ $line == *$'\\t'* ]] && value+=":\${line#*$'\\t'}"
    values+=("$value")
  done
  (( $#values )) && _describe nodepool values
}
if [[ \${funcstack[1]} == _nodepool ]]; then
  _nodepool "$@"
else
  compdef _nodepool nodepool
fi`;

const FISH = `# Completion of nodepool for fish: nodepool completion fish | source
function __nodepool_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc) "$typed"
    set -l found ($words[1] completion fish --complete -- $words[2..-1] 2>/dev/null)
    if test "$found[1]" = '${FILES}'
        __fish_complete_path "$typed"
    else if set -q found[1]
        printf '%s\\n' $found
    end
end
complete -c nodepool -f -a '(__nodepool_complete)'`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
