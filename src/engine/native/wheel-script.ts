/**
 * Fetches one wheel with what pip is made of: its finder says where the wheel lies, its session asks (index, folders,
 * mirrors, proxies, certificates, logins and the number of retries are those of the user's pip); only that bytes which are
 * there are not asked for again is Graft's, for pip throws a broken download away.
 *
 *   argv: the file that grows, name, version, sha256, then pip's own options
 *   stdout: one line of JSON, { "cannot": why } where this pip is built otherwise; else nothing
 *   ends with 28 (ENOSPC) where the disk is full, with 65 where the index says that it holds another build
 *
 * With the process that started it, it ends before its next write: another one may be at the same file by then.
 */
export const FETCH_WHEEL = String.raw`
import errno, json, logging, os, re, shutil, sys, time

target, name, version, sha256, *rest = sys.argv[1:]
parent = os.getppid()
FULL = (errno.ENOSPC, errno.EDQUOT)
logging.basicConfig(level=logging.WARNING, format="%(message)s")

def cannot(error):
    print(json.dumps({"cannot": f"{type(error).__name__}: {error}"}))
    sys.exit(0)

def stop_alone():
    if os.getppid() != parent:
        os._exit(1)

def whole_of(headers):
    found = re.search(r"/(\d+)$", headers.get("Content-Range", ""))
    return int(found.group(1)) if found else None

def ask(session, url, done, tag):
    headers = {"Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
        if tag:
            headers["If-Range"] = tag
    return session.get(url, headers=headers, stream=True)

def write(file, chunk):
    left = memoryview(chunk)
    while left:
        left = left[file.write(left):]

def fetch(session, link, retries):
    url = link.url.split("#", 1)[0]
    tag, fruitless = None, 0
    # Neither truncated nor buffered: what has come is there after a kill.
    with open(target, "ab", buffering=0) as file:
        while True:
            stop_alone()
            done = file.tell()
            came = 0
            try:
                with ask(session, url, done, tag) as answer:
                    status, headers = answer.status_code, answer.headers
                    if status == 416 and done:
                        if whole_of(headers) == done:
                            return
                        file.truncate(0)
                        file.seek(0)
                        continue
                    if status not in (200, 206):
                        failure = f"{link} answers {status} {answer.reason}"
                        if status not in (408, 429) and status < 500:
                            sys.exit(failure)
                        raise ValueError(failure)
                    first = re.match(r"bytes (\d+)-", headers.get("Content-Range", ""))
                    if status == 206 and (not first or int(first.group(1)) != done):
                        raise ValueError(f"{link} answers with other bytes than were asked for")
                    if status == 200 and done:
                        file.truncate(0)
                        file.seek(0)
                        done = 0
                    etag = headers.get("ETag", "")
                    tag = etag if etag and not etag.startswith("W/") else None
                    length = headers.get("Content-Length")
                    while True:
                        chunk = answer.raw.read(1 << 16, decode_content=False)
                        stop_alone()
                        if not chunk:
                            break
                        write(file, chunk)
                        came += len(chunk)
                    if length is None or came >= int(length):
                        return
                    raise ValueError(f"the connection broke off, {int(length) - came} more were expected")
            except (AttributeError, TypeError) as error:
                cannot(error)
            except Exception as error:
                if getattr(error, "errno", None) in FULL:
                    raise
                fruitless = 1 if came else fruitless + 1
                if fruitless > retries:
                    sys.exit(f"{link.filename}, after {file.tell()} bytes: {error}")
                time.sleep(0.25 * 2 ** fruitless)

try:
    from pip._internal.cli import cmdoptions
    from pip._internal.commands import create_command
    from pip._internal.utils.hashes import Hashes
    from pip._vendor.packaging.specifiers import SpecifierSet
    command = create_command("download")
    options, _ = command.parse_args(rest)
    if options.no_input:
        os.environ["PIP_NO_INPUT"] = "1"
    scope = command.main_context()
    scope.__enter__()
    session = command.get_default_session(options)
    finder = command._build_package_finder(
        options=options,
        session=session,
        target_python=cmdoptions.make_target_python(options),
    )
    look = finder.find_best_candidate
    wanted = SpecifierSet(f"=={version}"), Hashes({"sha256": [sha256]})
    retries = int(options.retries)
except (ImportError, AttributeError, TypeError, ValueError) as error:
    cannot(error)

try:
    best = look(name, *wanted).best_candidate
    if best is None:
        places = [*finder.find_links, *finder.index_urls]
        hidden = [re.sub(r"//[^/@]*@", "//****@", place) for place in places]
        sys.exit(f"no wheel of {name} {version} for CPython 3.11 on Linux x64 in " + (", ".join(hidden) or "no index at all"))
    link = best.link
    if link.hash_name == "sha256" and link.hash != sha256:
        print(f"{link.filename} has the sha256 {link.hash[:16]}")
        sys.exit(65)
    if link.is_file:
        shutil.copyfile(link.file_path, target)
    else:
        fetch(session, link, retries)
except Exception as error:
    sys.exit(28 if getattr(error, "errno", None) in FULL else f"{type(error).__name__}: {error}")
finally:
    scope.__exit__(None, None, None)
`;
