# Is the command line, as far as it is typed, at this command?
function __rackcast_at
    set -l command rackcast
    for word in (commandline --tokenize --current-process --cut-at-cursor)[2..]
        contains -- "$command $word" $__rackcast_commands; and set command "$command $word"
    end
    test "$command" = "$argv"
end

function __rackcast_transfers
    rackcast __complete transfers (commandline --tokenize --current-process --cut-at-cursor)[2..] 2>/dev/null
end
