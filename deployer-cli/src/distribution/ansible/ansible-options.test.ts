import { describe, expect, it } from "vitest";
import { ansibleProgram, checkExtraArguments, listingArguments, playbookArguments } from "./ansible-options.ts";

describe("the arguments of ansible-playbook", () => {
  it("are none where nothing was said, so that Ansible's own configuration counts", () => {
    expect(playbookArguments({ inventory: [] })).toEqual([]);
  });

  it("hold everything that was said, each in a word of its own whatever it begins with", () => {
    const settings = {
      inventory: ["hosts.ini", "-odd"],
      forks: 50,
      become: true,
      becomeUser: "-deploy",
      user: "admin",
      privateKey: "~/.ssh/id",
      extraVars: ["a=1 b=2", "@vars.yml"],
      extraArgs: ["--vault-password-file=pw", "-vv"],
    };
    expect(playbookArguments(settings)).toEqual([
      "--inventory=hosts.ini",
      "--inventory=-odd",
      "--forks=50",
      "--become",
      "--become-user=-deploy",
      "--user=admin",
      "--private-key=~/.ssh/id",
      "--extra-vars=a=1 b=2",
      "--extra-vars=@vars.yml",
      "--vault-password-file=pw",
      "-vv",
    ]);
    expect(listingArguments(settings)).toEqual([
      "--inventory=hosts.ini",
      "--inventory=-odd",
      "--vault-password-file=pw",
    ]);
  });

  it("go to the other programs of the same Ansible", () => {
    expect(ansibleProgram("ansible-inventory", {})).toBe("ansible-inventory");
    const ansiblePlaybook = "/opt/venv/bin/ansible-playbook";
    expect(ansibleProgram("ansible-inventory", { ansiblePlaybook })).toBe("/opt/venv/bin/ansible-inventory");
  });
});

describe("an argument that is passed through", () => {
  const passing = ["-v", "-vvvv", "-T30", "-cssh", "-Mtkil", "--timeout=30", "--vault-id=dev@pw", "--diff", "-D"];
  it.each(passing)("may be %s", (word) => expect(() => checkExtraArguments([word])).not.toThrow());

  it.each([
    ["--limit=web", "the targets are the limit"],
    ["--lim=web", "the targets are the limit"],
    ["-lweb", "the targets are the limit"],
    ["-vvi", "use --inventory"],
    ["--inventory", "use --inventory"],
    ["-e@x", "use --extra-vars"],
    ["-K", "--become-password-file=FILE"],
    ["--ask-vault-pass", "--vault-password-file=FILE"],
    ["-C", "use --dry-run"],
    ["--check", "use --dry-run"],
    ["other.yml", "give options alone"],
    ["--", "options alone"],
    ["-", "give options alone"],
    ["", "give options alone"],
  ])("may not be %s", (word, remedy) => {
    expect(() => checkExtraArguments(["-v", word])).toThrow(remedy);
  });

  it("is named with every other one that is refused", () => {
    expect(() => checkExtraArguments(["-b", "-v", "x"])).toThrow(/^"-b" .*\n"x" .*$/);
  });
});
