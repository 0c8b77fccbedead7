// A step of a shared library: deploys a release with rackcast, or rolls one back, and publishes the reports.
//
//   rackcastDeploy release: 'dist/web-1.2.3', targets: 'web', environment: 'production', tracker: 'http://tracker.example:6969'
//   rackcastDeploy command: 'rollback', release: 'web-1.2.3', environment: 'production', tracker: '…'
//
// options      more options, separated by blanks
// timeout      the command's own, such as 30m; keep the pipeline's above it, because the command ends with a report
// credentials  id of the secret text that is the tracker's API_TOKEN
//
// Needs the plugins Lockable Resources, Credentials Binding and JUnit, and rackcast on the agent's PATH.

def call(Map given) {
  Map step = [command: 'deploy', targets: '', options: '', timeout: '30m', credentials: 'rackcast-token'] + given
  for (name in ['release', 'environment', 'tracker']) {
    if (!step[name]) error("rackcastDeploy: ${name} is missing")
  }
  if (!(step.command in ['deploy', 'rollback'])) error("rackcastDeploy: command is ${step.command}; it must be deploy or rollback")
  // One at a time for each environment, whatever job it is in.
  lock("rackcast-${step.environment}") {
    int code = runRackcast(step)
    if (code == 3) {
      unstable('rackcast timed out: hosts are still fetching the release; building again goes on where this one ended')
    } else if (code != 0) {
      error("rackcast ended with ${code}; the log above says where and what to do")
    }
  }
}

private int runRackcast(Map step) {
  try {
    withCredentials([string(credentialsId: step.credentials, variable: 'RACKCAST_TOKEN')]) {
      withEnv(["RACKCAST_TRACKER=${step.tracker}", "RELEASE=${step.release}", "TARGETS=${step.targets}", "TIMEOUT=${step.timeout}", "OPTIONS=${step.options}"]) {
        return sh(label: "rackcast ${step.command}", returnStatus: true, script: scriptOf(step.command))
      }
    }
  } finally {
    // What the build is marked as is for the exit code to say.
    junit testResults: 'rackcast-junit.xml', allowEmptyResults: true, skipMarkingBuildUnstable: true
    archiveArtifacts artifacts: 'rackcast-report.json, rackcast-junit.xml', allowEmptyArchive: true
  }
}

/** Values come by the environment, so that none is read as shell; exec, so that an abort reaches the command at once. */
private String scriptOf(String command) {
  if (command == 'rollback') return '''#!/bin/sh
    rm -f rackcast-report.json rackcast-junit.xml
    exec rackcast rollback "$RELEASE" --timeout "$TIMEOUT" $OPTIONS --junit rackcast-junit.xml --report rackcast-report.json
  '''
  return '''#!/bin/sh
    rm -f rackcast-report.json rackcast-junit.xml
    exec rackcast deploy "$RELEASE" --targets "$TARGETS" --timeout "$TIMEOUT" $OPTIONS --junit rackcast-junit.xml --report rackcast-report.json
  '''
}
